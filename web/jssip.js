export { default } from "jssip";
