// Times and spans, in words; `now` is the platform's clock.

let ahead = 0;

export function setClock(serverNow) {
  ahead = new Date(serverNow).getTime() - Date.now();
}

export const now = () => Date.now() + ahead;

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" });

export const clock = (iso) => CLOCK.format(new Date(iso));
export const whole = (iso) => WHOLE.format(new Date(iso));

export function when(iso) {
  const date = new Date(iso);
  const today = new Date(now()).toDateString() === date.toDateString();
  return today ? clock(iso) : `${DAY.format(date)}, ${CLOCK.format(date).slice(0, 5)}`;
}

export function lasted(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  const pair = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${pair(minutes)}:${pair(all % 60)}` : `${minutes}:${pair(all % 60)}`;
}

export function span(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 1 : 0)} s`;
  return lasted(milliseconds / 1000);
}

export const since = (iso) => (now() - new Date(iso).getTime()) / 1000;

// Elements with `data-since` (or `data-until`) count by themselves.
export function tick() {
  for (const element of document.querySelectorAll("[data-since], [data-until]")) {
    const { since: from, until } = element.dataset;
    const text = from ? lasted(since(from)) : untilWords(-since(until));
    if (element.textContent !== text) element.textContent = text;
  }
}

export function untilWords(seconds) {
  if (seconds <= 0.5) return "at once";
  return seconds < 90 ? `in ${Math.ceil(seconds)} s` : `in ${lasted(seconds)}`;
}

export function keepTicking() {
  tick();
  setInterval(tick, 1000);
}
