// What a moment is called in the ladder, and all that is known of it.

import { make } from "./dom.js";
import { span } from "./time.js";

const STATES = { initiated: "initiated", ringing: "ringing", answered: "answered", ended: "ended" };

export function headline(moment, end) {
  switch (moment.kind) {
    case "sip":
      return moment.first_line.startsWith("SIP/2.0 ") ? moment.first_line.slice(8) : method(moment.first_line);
    case "request":
      return [`${moment.method} ${moment.purpose || pathOf(moment.url)}`, moment.trouble && moment.status === null ? "failed" : moment.status, span(moment.took_ms)].filter(Boolean).join(" · ");
    case "element":
      return `<${moment.tag}>${end ? ` · ${[span(end.took_ms ?? 0), end.outcome].filter(Boolean).join(" · ")}` : ""}`;
    case "key":
      return `key ${moment.digit}`;
    case "recording":
      return `recording ${moment.state}`;
    case "state":
      return [STATES[moment.state] ?? moment.state, moment.detail].filter(Boolean).join(": ");
    default:
      return moment.kind;
  }
}

const method = (line) => line.split(" ", 1)[0];

function pathOf(url) {
  try {
    return new URL(url).pathname;
  } catch {
    return url;
  }
}

// Everything, as elements; `end` is that of an element which has ended.
export function details(moment, end) {
  switch (moment.kind) {
    case "sip":
      return [line(`${moment.source} → ${moment.target}, ${moment.transport.toUpperCase()}`), block("Message", moment.text)];
    case "request":
      return [
        line(`${moment.method} ${moment.url}`),
        moment.trouble ? make("p", { class: "notice" }, moment.trouble) : null,
        pairs("Sent", moment.params),
        block("What the signature (V3) is made of", moment.signed),
        block(`Answer ${moment.status ?? ""} ${moment.content_type}`, moment.body),
      ].filter(Boolean);
    case "element":
      return [pairs("Attributes", moment.attributes), block("Text", moment.text), end ? line(`took ${span(end.took_ms ?? 0)}${end.outcome ? `, then: ${end.outcome}` : ""}`) : line("has not ended")].filter(Boolean);
    case "key":
      return [line(moment.whose === "caller" ? "pressed by the far end" : "sent by the platform")];
    case "recording":
      return [line(`recording ${moment.recording_id}${moment.took_ms ? `, ${span(moment.took_ms)}` : ""}`)];
    default:
      return moment.detail ? [line(moment.detail)] : [];
  }
}

const line = (text) => make("p", { class: "said" }, text);

function block(title, text) {
  if (!text) return null;
  return make("div", {}, make("h3", {}, title), make("pre", { tabindex: 0, "aria-label": title }, text));
}

function pairs(title, values) {
  const rows = Object.entries(values);
  if (!rows.length) return null;
  const list = make("dl", { class: "pairs" }, ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
  return make("div", {}, make("h3", {}, title), list);
}
