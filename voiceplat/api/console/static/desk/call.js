// One call's page: the verdict, the facts, and the story as it goes on.

import { ask, follow } from "./api.js";
import { at, keep, make, say, show } from "./dom.js";
import { Ladder } from "./ladder.js";
import { enter, freshness, trouble } from "./page.js";
import { arrow, callerName, href, person, pill } from "./rows.js";
import { lasted, now, since, when, whole } from "./time.js";
import { recording } from "./recording.js";

const SETTLED_MS = 120_000;
const AGAIN_MS = 1000;
const uuid = document.querySelector('meta[name="voiceplat:call"]').content;
const ladder = new Ladder(at("ladder"), at("lanes"), at("kinds"));
let title = "";
let stop = null;

function showStory(story) {
  const call = story.legs.find((leg) => leg.uuid === story.uuid);
  show(at("story"), true);
  showHead(call);
  showVerdict(story.verdict, call);
  showFacts(call);
  showLegs(story);
  show(at("sound-panel"), story.recordings.length > 0);
  keep(at("recordings"), story.recordings, (it) => it.id, recording);
  ladder.add(story);
  show(at("ladder-none"), ladder.isEmpty);
  const settled = !call.is_live && now() - new Date(call.ended_at) > SETTLED_MS;
  if (settled) {
    stop?.();
    freshness("off", "Over");
  }
  return settled;
}

function showHead(call) {
  const names = `${person(call.from_number)} → ${person(call.to_number)}`;
  if (title !== names) {
    title = names;
    at("title").replaceChildren(arrow(call.direction), ` ${names}`);
    document.title = `${names} · voiceplat`;
  }
  const said = [callerName(call), `${call.direction}, ${when(call.initiated_at)}`].filter(Boolean).join(" · ");
  at("subtitle").replaceChildren(pill(call), ` ${said}`);
  show(at("hang-up"), call.is_live);
}

function showVerdict(verdict, call) {
  at("verdict").dataset.tone = verdict.tone;
  say(at("verdict-title"), verdict.title);
  for (const part of ["reason", "advice"]) {
    say(at(`verdict-${part}`), verdict[part]);
    show(at(`verdict-${part}`), verdict[part] !== "");
  }
  show(at("verdict-cause"), call.cause !== null);
  if (call.cause) say(at("verdict-cause"), `${call.cause.name} (${call.cause.code}), ended by ${call.source}`);
  show(at("verdict-moment"), verdict.moment !== "");
  at("verdict-moment").dataset.moment = verdict.moment;
  ladder.decided = verdict.moment;
}

function showFacts(call) {
  const time = (iso) => (iso ? make("time", { datetime: iso, title: whole(iso) }, when(iso)) : null);
  const facts = [
    ["From", call.from_number],
    ["To", call.to_number],
    ["Began", time(call.initiated_at)],
    ["Rang", time(call.ringing_at)],
    ["Answered", time(call.answered_at)],
    ["Ended", time(call.ended_at)],
    ["Talked", talked(call)],
    ["Lost", lost(call)],
    ["Cost", call.amount && Number(call.amount) ? call.amount : null],
    ["Came from", call.source_ip || null],
    ["Account", call.account],
    ["call_uuid", make("code", {}, call.uuid)],
  ].filter(([, value]) => value !== null);
  keep(at("facts"), facts, ([name]) => name, ([name]) => make("div", {}, make("dt", {}, name), make("dd")), (fact, [, value]) => {
    const fresh = make("dd", {}, value);
    const counts = (element) => element.firstElementChild?.dataset.since;
    const same = counts(fresh) ? counts(fresh) === counts(fact.lastChild) : fresh.isEqualNode(fact.lastChild);
    if (!same) fact.lastChild.replaceWith(fresh);
  });
}

function talked(call) {
  if (!call.answered_at) return null;
  return call.is_live ? make("span", { "data-since": call.answered_at }, lasted(since(call.answered_at))) : lasted(call.talked_s);
}

function lost({ packets_received, packets_lost, jitter_ms }) {
  if (!packets_received) return null;
  const all = packets_received + packets_lost;
  return `${((100 * packets_lost) / all).toFixed(1)} % of ${all} packets, jitter ${jitter_ms.toFixed(0)} ms`;
}

function showLegs({ legs, legs_left_out, uuid: shown }) {
  show(at("legs-panel"), legs.length > 1);
  keep(at("legs"), legs, (leg) => leg.uuid, (leg) => make("li", {}, make("a", { href: href(leg.uuid) }), make("span", { class: "how" })), (item, leg) => {
    const place = legs.indexOf(leg);
    say(item.firstElementChild, `${legName(place)}: ${person(leg.from_number)} → ${person(leg.to_number)}`);
    item.firstElementChild.toggleAttribute("aria-current", leg.uuid === shown);
    item.lastElementChild.replaceChildren(pill(leg), ` ${leg.cause ? leg.cause.name : ""}`);
  });
  show(at("legs-more"), legs_left_out > 0);
  say(at("legs-more"), `${legs_left_out} more are not shown`);
}

const legName = (place) => (place === 0 ? "A leg" : `B leg ${place}`);

at("verdict-moment").addEventListener("click", (event) => {
  event.preventDefault();
  ladder.open(at("verdict-moment").dataset.moment);
});

at("hang-up").addEventListener("click", () => at("sure").showModal());
at("sure").addEventListener("close", async () => {
  if (at("sure").returnValue !== "yes") return;
  at("sure").returnValue = "no";
  try {
    await ask(`call/${uuid}/hangup`, { method: "POST" });
  } catch (error) {
    trouble(error.status === 404 ? "The call is over already." : error.message);
  }
});

// A call that has just ended is on record a moment later.
async function found(tries = 3) {
  try {
    return await ask(`call/${uuid}`);
  } catch (error) {
    if (error.status !== 404 || tries <= 1) throw error;
    await new Promise((done) => setTimeout(done, AGAIN_MS));
    return found(tries - 1);
  }
}

await enter();
try {
  if (!showStory(await found())) stop = follow(`call/${uuid}/events`, showStory, freshness);
} catch (error) {
  freshness("bad", "Not shown");
  trouble(error.status === 404 ? "There is no such call in this account, or it is no longer on record." : error.message);
}
