// What every page behind the log-in begins with: whose it is, and the way out.

import { ask } from "./api.js";
import { at, say, show } from "./dom.js";
import { keepTicking, setClock } from "./time.js";

const LOOKS = { good: "Live", busy: "Looking …" };

export async function enter() {
  const session = await ask("session");
  setClock(session.now);
  keepTicking();
  const { auth_id, name } = session.account;
  say(at("who-name"), name || auth_id);
  at("who-name").title = auth_id;
  show(at("who"), true);
  at("log-out").addEventListener("click", async () => {
    await ask("logout", { method: "POST" }).catch(() => {});
    location.assign("/console/login");
  });
  return session;
}

// How fresh the page is; `why` for one that is not.
export function freshness(state, why = "") {
  const words = why || LOOKS[state] || state;
  at("freshness").dataset.state = state;
  say(at("freshness"), words);
}

export function trouble(text) {
  say(at("trouble"), text);
  show(at("trouble"), text !== "");
}
