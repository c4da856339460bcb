// Calls in tables: their state, who with whom, why they ended.

import { draw, make } from "./dom.js";
import { lasted, since as passed, when, whole } from "./time.js";

const STATES = {
  queued: ["busy", "queued"],
  ringing: ["busy", "ringing"],
  "in-progress": ["live", "in progress"],
};
const ARROWS = { inbound: "M19 5 L5 19 M5 9 V19 H15", outbound: "M5 19 L19 5 M9 5 H19 V15" };

export function pill(call) {
  const [tone, words] = STATES[call.status] ?? [call.cause?.tone ?? "plain", call.status];
  return make("span", { class: "pill", "data-tone": tone }, words);
}

export const href = (uuid) => `/console/call/${uuid}`;

// `sip:anna123@phone.plivo.com` is anna123 to people.
export const person = (address) => address.replace(/^sips?:/, "").replace(/@(phone|app)\.plivo\.com$/, "") || "unknown";

// Phones that have no other name say their number once more.
export const callerName = (call) => (call.caller_name === person(call.from_number) ? "" : call.caller_name);

export function arrow(direction) {
  return draw("svg", { viewBox: "0 0 24 24", class: "arrow-icon", role: "img", "aria-label": direction }, draw("path", { d: ARROWS[direction] }));
}

export function who(call) {
  const names = make("span", { class: "names" }, make("span", {}, person(call.from_number)), make("span", { class: "unseen" }, " to "), make("span", { class: "to" }, person(call.to_number)));
  const link = make("a", { href: href(call.uuid), class: "row-link" }, arrow(call.direction), names);
  const more = [callerName(call), call.parent_uuid ? "leg of another call" : ""].filter(Boolean).join(" · ");
  return make("td", { class: "who-cell" }, link, more ? make("span", { class: "quiet sub" }, more) : null);
}

export const cell = (text, kind = null) => make("td", { class: kind }, text ?? "");

export const since = (iso, kind = "right") => make("td", { class: kind }, make("span", { "data-since": iso, class: "count" }, lasted(passed(iso))));

export const moment = (iso, kind = "right") => make("td", { class: kind }, make("time", { datetime: iso, title: whole(iso) }, when(iso)));
