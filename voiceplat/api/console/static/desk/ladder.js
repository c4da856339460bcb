// The ladder: who told whom what, moment by moment, with all of it behind each line.

import { keep, make, say, show } from "./dom.js";
import { details, headline } from "./moments.js";
import { clock, span, whole } from "./time.js";

const NAMES = { far: "Caller", other: "B leg", edge: "Edge", worker: "Worker", server: "Your server" };
const KINDS = { sip: "SIP", request: "Requests", element: "Document", key: "Keys", recording: "Recordings", state: "Call" };
const HOW_LONG_SLOW_MS = [500, 2000];

export class Ladder {
  #list;
  #lanes;
  #moments = new Map();
  #hidden = new Set();
  #order = [];
  decided = "";

  constructor(list, lanes, kinds) {
    this.#list = list;
    this.#lanes = lanes;
    for (const [kind, words] of Object.entries(KINDS)) {
      const box = make("input", { type: "checkbox", checked: true, value: kind });
      box.addEventListener("change", () => {
        if (box.checked) this.#hidden.delete(kind);
        else this.#hidden.add(kind);
        this.#filter();
      });
      kinds.append(make("label", {}, box, words));
    }
  }

  get isEmpty() {
    return this.#moments.size === 0;
  }

  add({ moments, legs }) {
    for (const it of moments) this.#moments.set(it.id, it);
    const all = [...this.#moments.values()].sort((a, b) => a.moment.at.localeCompare(b.moment.at) || a.id.localeCompare(b.id, undefined, { numeric: true }));
    const rows = all.filter((it) => it.moment.kind !== "element" || it.moment.state === "begins");
    const ends = paired(all);
    const slowest = Math.max(HOW_LONG_SLOW_MS[1], ...all.map((it) => (it.moment.kind === "request" ? it.moment.took_ms : 0)));
    const lanes = lanesOf(all, legs);
    const names = { ...NAMES, far: legs[0].direction === "inbound" ? "Caller" : "Callee" };
    this.#order = lanes;
    keep(this.#lanes, lanes, (lane) => lane, (lane) => make("span", {}, names[lane]), (element, lane) => say(element, names[lane]));
    this.#lanes.style.setProperty("--lanes", lanes.length);
    const first = all[0]?.moment.at;
    keep(this.#list, rows, (it) => it.id, (it) => this.#row(it, first, names), (row, it) => {
      this.#fill(row, it, { end: ends.get(it.id), slowest, several: legs.length > 1 });
    });
    this.#filter();
  }

  // Shows a moment, wherever it is and whatever is filtered.
  open(id) {
    const row = [...this.#list.children].find((it) => it.dataset.key === id);
    if (!row) return;
    show(row, true);
    row.firstElementChild.open = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    row.querySelector("summary").focus({ preventScroll: true });
  }

  #row(it, first, names) {
    const { moment } = it;
    const time = make("time", { datetime: moment.at, title: whole(moment.at) }, `+${span(new Date(moment.at) - new Date(first))}`);
    const between = it.source === it.target ? `at ${names[it.source]}` : `${names[it.source]} to ${names[it.target]}`;
    const step = make("span", { class: "step" });
    const lanes = make("span", { class: "lanes" }, make("span", { class: "route" }, `${between} `), step);
    const box = make("details", {}, make("summary", {}, time, lanes));
    box.addEventListener("toggle", () => {
      if (box.open && box.children.length === 1) box.append(make("div", { class: "all" }, make("p", { class: "quiet sub" }, `${clock(moment.at)} · ${between}`), ...details(moment, row.end)));
    });
    const row = make("li", { "data-kind": moment.kind, "data-leg": it.leg }, box);
    return row;
  }

  #fill(row, it, { end, slowest, several }) {
    row.end = end?.moment;
    row.toggleAttribute("data-bad", it.is_bad || it.id === this.decided);
    row.toggleAttribute("data-decided", it.id === this.decided);
    const lanes = row.querySelector(".lanes");
    lanes.style.setProperty("--lanes", this.#order.length);
    const step = row.querySelector(".step");
    const [from, to] = [this.#order.indexOf(it.source), this.#order.indexOf(it.target)];
    step.dataset.way = from === to ? "here" : from < to ? "right" : "left";
    step.style.gridColumn = from === to ? here(from, this.#order.length) : `${2 * Math.min(from, to) + 2} / ${2 * Math.max(from, to) + 2}`;
    const text = headline(it.moment, end?.moment);
    if (step.dataset.text === text) return;
    step.dataset.text = text;
    const label = make("span", { class: "label" }, several && it.leg ? make("span", { class: "leg" }, `B${it.leg}`) : null, text);
    step.replaceChildren(label, it.moment.kind === "request" ? latency(it.moment.took_ms, slowest) : "");
  }

  #filter() {
    for (const row of this.#list.children) show(row, !this.#hidden.has(row.dataset.kind));
  }
}

// What happens at one place has room beside its lane, where there is any.
function here(lane, lanes) {
  const room = lane > 0 && lane < lanes - 1 ? 1 : 0;
  return `${2 * lane + 1 - room} / span ${2 + 2 * room}`;
}

// Only lanes in which something happens, from the far ends to the customer's server.
function lanesOf(all, legs) {
  const used = new Set(all.flatMap((it) => [it.source, it.target]));
  if (legs.length > 1) used.add("other");
  return ["other", "far", "edge", "worker", "server"].filter((lane) => lane === "far" || lane === "worker" || used.has(lane));
}

// The end of each element, by the id of its beginning; elements lie in one another.
function paired(all) {
  const open = new Map();
  const ends = new Map();
  for (const it of all) {
    if (it.moment.kind !== "element") continue;
    const stack = open.get(it.leg) ?? [];
    open.set(it.leg, stack);
    if (it.moment.state === "begins") stack.push(it);
    else {
      const place = stack.findLastIndex((begun) => begun.moment.tag === it.moment.tag);
      if (place >= 0) ends.set(stack.splice(place)[0].id, it);
    }
  }
  return ends;
}

function latency(tookMs, slowest) {
  const speed = HOW_LONG_SLOW_MS.filter((limit) => tookMs > limit).length;
  const bar = make("i", { "data-speed": ["quick", "slow", "slowest"][speed] });
  bar.style.width = `${Math.max(1, (100 * tookMs) / slowest)}%`;
  return make("span", { class: "latency", "aria-hidden": "true" }, bar);
}
