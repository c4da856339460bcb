// The list of calls; its filters are the page's own query, so that it can be linked.

import { ask, follow } from "./api.js";
import { at, fillTable, make, say, setCells, show } from "./dom.js";
import { enter, freshness, trouble } from "./page.js";
import { cell, href, moment, pill, since, who } from "./rows.js";
import { lasted } from "./time.js";

const filter = at("filter");
const query = new URLSearchParams(location.search);
const WORDS = { direction: "direction", from_number: "from", to_number: "to", status: "state", is_live: "live", cause: "cause", account: "account", since: "since", before: "before", talked_s: "talked" };

function fillFilters(accounts) {
  for (const { auth_id, name } of accounts) filter.account.append(make("option", { value: auth_id }, name ? `${name} (${auth_id})` : auth_id));
  show(filter.account.closest("label"), accounts.length > 1);
  for (const name of ["direction", "from_number", "to_number", "cause", "account", "talked_s"]) filter.elements[name].value = query.get(name) ?? "";
  for (const name of ["since", "before"]) if (query.get(name)) filter.elements[name].value = localTime(new Date(query.get(name)));
  filter.state.value = query.get("is_live") ? "is_live" : query.get("status") ?? "";
  const said = Object.entries(WORDS).filter(([name]) => query.get(name)).map(([name, words]) => (name === "is_live" ? "live or queued" : `${words} ${query.get(name)}`));
  say(at("filters-said"), said.join(", "));
  at("filters").open = said.length > 0 && matchMedia("(min-width: 720px)").matches;
}

// `datetime-local` speaks the browser's own time.
function localTime(date) {
  return Number.isNaN(date.getTime()) ? "" : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

filter.addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(filter)) {
    if (!value || name === "state") continue;
    wanted.set(name, ["since", "before"].includes(name) ? new Date(value).toISOString() : value.trim());
  }
  const state = filter.state.value;
  if (state === "is_live") wanted.set("is_live", "true");
  else if (state) wanted.set("status", state);
  location.search = wanted.toString();
});
at("clear").addEventListener("click", () => location.assign(location.pathname));
at("find").addEventListener("submit", (event) => {
  event.preventDefault();
  location.assign(href(at("find-uuid").value.trim().toLowerCase()));
});

function why(call) {
  if (call.is_live) return cell("", "wide");
  const by = call.source && call.source !== "Unknown" ? `by ${call.source}` : "";
  return make("td", { class: "wide" }, make("span", { title: call.cause.happened, "data-tone": call.cause.tone, class: "cause" }, call.cause.name), make("span", { class: "quiet sub" }, [call.cause.code, by].filter(Boolean).join(" · ")));
}

function showCalls({ live, live_count, rows, total, page, pages }) {
  fillTable("calls", [...live, ...rows], (it) => it.uuid, () => make("tr"), (tr, call) => {
    tr.dataset.live = call.is_live;
    const talked = call.is_live && call.answered_at ? since(call.answered_at, "right wide") : cell(call.answered_at ? lasted(call.talked_s) : "–", "right wide");
    setCells(tr, [make("td", {}, pill(call)), who(call), why(call), talked, moment(call.ended_at ?? call.initiated_at)]);
  });
  show(at("pages"), pages > 1);
  say(at("which"), `${total} calls, page ${page} of ${pages}`);
  turn(at("before"), page - 1, page > 1);
  turn(at("after"), page + 1, page < pages);
  freshness("good", "");
  const hidden = page === 1 ? live_count - live.length : 0;
  show(at("live-more"), hidden > 0);
  say(at("live-more").firstElementChild, `${hidden} more are live or queued`);
}

function turn(link, page, there) {
  const other = new URLSearchParams(query);
  other.set("page", page);
  if (there) link.href = `?${other}`;
  else link.removeAttribute("href");
}

const session = await enter();
fillFilters(session.accounts);
ask("causes").then((causes) => at("causes").append(...causes.map(({ code, name }) => make("option", { value: code }, `${code} ${name}`))));
try {
  showCalls(await ask(`calls?${query}`)); // says what is wrong with the filters
  follow(`calls/events?${query}`, showCalls, freshness);
} catch (error) {
  freshness("bad", "Not shown");
  trouble(error.message);
}
