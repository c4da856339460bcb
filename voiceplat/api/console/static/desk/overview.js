// The overview: what is told of it becomes visible, row by row.

import { follow } from "./api.js";
import { minutes, share } from "./charts.js";
import { at, fillTable, keep, make, say, setCells, show } from "./dom.js";
import { enter, freshness } from "./page.js";
import { cell, href, moment, pill, since, who } from "./rows.js";
import { clock, now, tick, whole } from "./time.js";

const KINDS = { request: "Request", document: "Document", call: "Call", trunk: "Trunk", worker: "Worker" };
const HEALTH = { up: "good", down: "bad", unknown: "plain" };

const row = () => make("tr");

function showCalls({ live, live_count, queued, queued_count, queue_length, next_start, start_period_s }) {
  say(at("n-live"), String(live_count));
  say(at("n-queued"), String(queued_count));
  fillTable("live", live, (it) => it.uuid, row, (tr, call) =>
    setCells(tr, [make("td", {}, pill(call)), who(call), cell(call.element, "wide quiet"), since(call.answered_at ?? call.initiated_at)]),
  );
  const hidden = live_count - live.length;
  show(at("live-more"), hidden > 0);
  say(at("live-more").firstElementChild, `${hidden} more`);
  const first = new Date(next_start).getTime();
  const waitsForSlot = first < now() - 1000;
  fillTable("queued", queued, (it) => it.uuid, row, (tr, call) => {
    const start = new Date(Math.max(first, now()) + (call.position - 1) * start_period_s * 1000);
    const waits = waitsForSlot ? "a free slot" : "its turn";
    const starts = waitsForSlot ? cell("at the next free slot", "right long") : make("td", { class: "right" }, make("span", { "data-until": start.toISOString() }));
    setCells(tr, [cell(`${call.position}`, "right"), who(call), cell(waits, "wide quiet"), starts]);
  });
  show(at("queued-more"), queued_count > queued.length || queue_length > queued_count);
  say(at("queued-more").firstElementChild, `${queued_count - queued.length} more`);
  show(at("queued-more").firstElementChild, queued_count > queued.length);
  say(at("queued-others"), queue_length > queued_count ? `${queue_length - queued_count} of others share the queue` : "");
}

function showHour({ minutes: all, bad_minutes, causes }) {
  const total = causes.reduce((sum, it) => sum + it.calls, 0);
  say(at("hour-total"), String(total));
  at("minutes").replaceChildren(minutes(all, bad_minutes));
  show(at("causes"), total > 0);
  keep(at("causes").tBodies[0], causes, (it) => `${it.code}`, row, (tr, cause) =>
    setCells(tr, [
      make("th", { scope: "row" }, make("a", { href: `/console/calls?cause=${cause.code}`, title: cause.happened }, cause.name)),
      make("td", { class: "share-cell" }, share(cause.calls, causes[0].calls, cause.tone)),
      cell(String(cause.calls), "right"),
    ]),
  );
}

function showTroubles(troubles) {
  say(at("n-troubles"), String(troubles.length));
  at("n-troubles").dataset.tone = troubles.length ? "bad" : "";
  show(at("troubles-none"), troubles.length === 0);
  keep(at("trouble-list"), troubles, (it) => `${it.at} ${it.text}`, (it) =>
    make(
      "li",
      {},
      make("time", { datetime: it.at, title: whole(it.at) }, clock(it.at)),
      make("span", { class: "pill", "data-tone": "bad" }, KINDS[it.kind] ?? it.kind),
      make("span", { class: "text" }, it.text),
      it.call_uuid ? make("a", { href: href(it.call_uuid) }, "the call") : null,
    ),
  );
}

function showPlatform({ trunks, nodes }) {
  fillTable("trunk-table", trunks, (it) => it.name, row, (tr, trunk) =>
    setCells(tr, [
      make("th", { scope: "row" }, trunk.name, make("span", { class: "quiet sub" }, trunk.target)),
      make("td", {}, make("span", { class: "pill", "data-tone": HEALTH[trunk.health] }, trunk.health), trunk.last_failure ? make("span", { class: "quiet sub" }, `${trunk.last_failure}, ${clock(trunk.failed_at)}`) : null),
      cell(trunk.calls_max ? `${trunk.calls} of ${trunk.calls_max}` : String(trunk.calls), "right"),
    ]),
  );
  show(at("nodes"), nodes !== null);
  show(at("tile-slots"), nodes !== null);
  if (nodes === null) return;
  const [free, all] = [nodes.reduce((sum, it) => sum + it.free, 0), nodes.reduce((sum, it) => sum + it.slots, 0)];
  say(at("n-slots"), `${free}/${all}`);
  at("n-slots").dataset.tone = free ? "" : "bad";
  fillTable("node-table", nodes, (it) => it.node, row, (tr, node) => {
    const used = node.slots - node.free;
    setCells(tr, [
      make("th", { scope: "row" }, node.node, make("span", { class: "quiet sub" }, `${node.workers} workers`)),
      make("td", { class: "share-cell" }, share(used, node.slots, used === node.slots ? "bad" : "good"), make("span", { class: "quiet sub" }, `${used} of ${node.slots}`)),
      moment(node.heard_at),
    ]);
  });
}

function showPhones({ endpoints, endpoints_count }) {
  say(at("n-phones"), `${endpoints.length}/${endpoints_count}`);
  fillTable("phone-table", endpoints, (it) => it.username, row, (tr, it) =>
    setCells(tr, [
      make("th", { scope: "row" }, it.alias || it.username, it.alias ? make("span", { class: "quiet sub" }, it.username) : null),
      make("td", {}, make("span", { class: "pill", "data-tone": "plain" }, it.transport), make("span", { class: "quiet sub" }, it.user_agent)),
      it.expires_at ? moment(it.expires_at) : cell(""),
    ]),
  );
}

function showAll(told) {
  showCalls(told);
  showHour(told.around.hour);
  showTroubles(told.around.troubles);
  showPlatform(told.around);
  showPhones(told.around);
  tick();
}

await enter();
follow("overview/events", showAll, freshness);
