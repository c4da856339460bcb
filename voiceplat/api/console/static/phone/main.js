// The page: what people do becomes orders to the line, what happens becomes visible.

import { fillKeypads } from "./keypad.js";
import { Line, targetOf } from "./line.js";
import { pastCalls, remember } from "./past.js";
import { ring, watchLevel } from "./sound.js";

const at = (id) => document.getElementById(id);
const given = (name) => document.querySelector(`meta[name="voiceplat:${name}"]`).content;

const LINE_WORDS = {
  off: ["off", "Not signed in"],
  connecting: ["busy", "Connecting…"],
  registered: ["good", "Ready"],
  lost: ["bad", "No connection, trying again…"],
  refused: ["bad", "Not signed in"],
};
const CALL_WORDS = { dialling: "Calling…", ringing: "Ringing…", incoming: "Incoming call", talking: "Connected" };
const ENDED_SHOWN_MS = 2500;

const line = new Line(given("socket"), given("domain"));
const title = document.title;
let stopRinging = () => {};
let stopMeters = [];
let clock = 0;

// ---- the line ----

line.addEventListener("state", ({ detail: { state, why } }) => {
  const [look, words] = LINE_WORDS[state];
  at("line-state").dataset.state = look;
  if (state === "registered") at("line-words").textContent = `Ready as ${line.user}`;
  else if (state === "lost" && !navigator.onLine) at("line-words").textContent = "No network";
  else at("line-words").textContent = words;
  say("sign-in-trouble", state === "refused" ? why : "");
  const signedIn = !["off", "refused"].includes(state);
  if (signedIn && at("desk").hidden && state === "registered") {
    show("sign-in", false);
    show("desk", true);
    at("password").value = "";
    at("number").focus();
  } else if (!signedIn) {
    show("sign-in", true);
    show("desk", false);
    at("user").focus();
  }
});

at("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  line.signIn(at("user").value.trim(), at("password").value);
});
at("sign-out").addEventListener("click", () => line.signOut());
addEventListener("pagehide", () => line.signOut());

// ---- dialling ----

at("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  say("trouble", "");
  try {
    line.dial(at("number").value);
  } catch (error) {
    say("trouble", error.message);
  }
});
at("erase").addEventListener("click", () => {
  at("number").value = at("number").value.slice(0, -1);
  at("number").focus();
});

// ---- the call ----

line.addEventListener("call", ({ detail: call }) => {
  at("far-name").textContent = call.name;
  at("call-time").textContent = "";
  at("pressed").textContent = "";
  for (const panel of ["key-panel", "transfer-panel"]) open(panel, false);
  call.addEventListener("change", () => showCall(call));
  call.addEventListener("stream", ({ detail }) => hear(detail));
  call.addEventListener("quality", ({ detail }) => showQuality(detail));
  if (!call.outgoing) stopRinging = ring();
  showCall(call);
  at(call.outgoing ? "hang-up" : "answer").focus();
});

function showCall(call) {
  const ended = call.state === "ended";
  const held = call.held && !ended;
  show("dial", false);
  show("past", false);
  show("sign-out", false);
  show("call", true);
  show("ringing", call.state === "incoming");
  show("talking", call.state === "talking");
  show("hang-up", !["incoming", "ended"].includes(call.state));
  const words = ended ? call.ending : call.transferring || (held ? "On hold" : CALL_WORDS[call.state]);
  if (at("call-state").textContent !== words) at("call-state").textContent = words;
  at("mute").setAttribute("aria-pressed", String(call.muted));
  at("hold").setAttribute("aria-pressed", String(call.held));
  document.title = call.state === "incoming" ? `☎ ${call.name}` : title;
  if (call.state !== "incoming") stopRinging();
  if (call.state === "talking" && !clock) begin(call);
  if (ended) finish(call);
}

function begin(call) {
  const tick = () => {
    at("call-time").textContent = lasted((Date.now() - call.answeredAt) / 1000);
  };
  tick();
  clock = setInterval(tick, 500);
  if (call.microphone) stopMeters.push(watchLevel(call.microphone, meter("own-level")));
  at("mute").focus();
}

function finish(call) {
  clearInterval(clock);
  clock = 0;
  stopMeters.splice(0).forEach((stop) => stop());
  at("far-audio").srcObject = null;
  remember(call);
  at("far-name").focus();
  setTimeout(() => {
    if (line.call) return;
    for (const part of ["call", "dial", "sign-out"]) show(part, part !== "call");
    showPast();
    at("number").focus();
  }, ENDED_SHOWN_MS);
}

function hear(stream) {
  at("far-audio").srcObject = stream;
  at("far-audio").play().catch(() => {});
  stopMeters.push(watchLevel(stream, meter("far-level")));
}

at("answer").addEventListener("click", () => line.call?.answer());
at("decline").addEventListener("click", () => line.call?.hangUp());
at("hang-up").addEventListener("click", () => line.call?.hangUp());
at("mute").addEventListener("click", () => line.call?.toggleMute());
at("hold").addEventListener("click", () => line.call?.toggleHold());
at("keys").addEventListener("click", () => open("key-panel"));
at("transfer").addEventListener("click", () => open("transfer-panel") && at("transfer-to").focus());
at("transfer-panel").addEventListener("submit", (event) => {
  event.preventDefault();
  line.call?.transfer(targetOf(at("transfer-to").value, line.domain));
  open("transfer-panel", false);
});

function showQuality(found) {
  show("quality", found !== null);
  if (!found) return;
  const grade = found.mos >= 4 ? "good" : found.mos >= 3.1 ? "fair" : "poor";
  at("mos").textContent = `${{ good: "Good", fair: "Fair", poor: "Poor" }[grade]} ${found.mos.toFixed(1)}`;
  at("mos").dataset.grade = grade;
  at("loss").textContent = `${(found.loss * 100).toFixed(1)} %`;
  at("jitter").textContent = `${Math.round(found.jitter)} ms`;
  at("delay").textContent = `${Math.round(found.delay)} ms`;
}

// ---- keys ----

fillKeypads((key) => {
  if (line.call) press(key);
  else at("number").value += key;
});
addEventListener("keydown", (event) => {
  if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
  if (line.call?.state === "talking" && /^[0-9*#]$/.test(event.key)) press(event.key);
});

function press(key) {
  line.call.press(key);
  at("pressed").textContent += key;
}

// ---- small things ----

function show(id, visible) {
  at(id).hidden = !visible;
}

// Whether the panel is open now; its button says so, too.
function open(id, wanted = at(id).hidden) {
  show(id, wanted);
  document.querySelector(`[aria-controls="${id}"]`).setAttribute("aria-expanded", String(wanted));
  return wanted;
}

function say(id, text) {
  at(id).textContent = text;
  show(id, text !== "");
}

function meter(id) {
  const bar = at(id).firstElementChild;
  return (level) => {
    bar.style.transform = `scaleX(${level})`;
    at(id).setAttribute("aria-valuenow", String(Math.round(level * 100)));
  };
}

function lasted(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function showPast() {
  const calls = pastCalls();
  show("past", calls.length > 0);
  at("past-calls").replaceChildren(
    ...calls.map(({ name, outgoing, seconds }) => {
      const how = seconds === null ? (outgoing ? "not answered" : "missed") : `${outgoing ? "out" : "in"} · ${lasted(seconds)}`;
      const button = Object.assign(document.createElement("button"), { type: "button" });
      const [whom, what] = [document.createElement("span"), document.createElement("span")];
      whom.textContent = name;
      what.textContent = how;
      what.className = "how";
      button.append(whom, what);
      button.addEventListener("click", () => {
        at("number").value = name;
        at("number").focus();
      });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

showPast();
at("user").focus();
