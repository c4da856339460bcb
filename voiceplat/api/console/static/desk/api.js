// What pages ask of /console/api/, and how they follow it.

const BASE = "/console/api/";
const AGAIN_MS = 3000;

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export async function ask(path, { method = "GET", body = null } = {}) {
  const options = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(BASE + path, options);
  } catch {
    throw new Refused(0, "The platform does not answer.");
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  if (answer.status === 401 && path !== "login") await leave();
  const said = await answer.json().catch(() => ({}));
  const wait = answer.headers.get("Retry-After");
  throw new Refused(answer.status, (said.error ?? `The platform answered ${answer.status}.`) + (answer.status === 429 && wait ? `, come back in ${wait} s` : ""));
}

// To the log-in, and back here from there. Never settles: the page goes.
export function leave() {
  location.assign(`/console/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  return new Promise(() => {});
}

// Calls `onNews` with each thing told; `onState` with "good", or "bad" and why.
export function follow(path, onNews, onState) {
  let source = null;
  let again = 0;
  function open() {
    source = new EventSource(BASE + path);
    source.onmessage = ({ data }) => {
      onState("good");
      onNews(JSON.parse(data));
    };
    source.addEventListener("away", ({ data }) => onState("bad", `${data} is not reachable`));
    source.addEventListener("over", () => {
      stop();
      leave();
    });
    source.onerror = () => {
      onState("bad", "No connection, trying again");
      if (source.readyState === EventSource.CLOSED) again = setTimeout(() => ask("session").then(open, open), AGAIN_MS);
    };
  }
  function stop() {
    clearTimeout(again);
    source.close();
  }
  open();
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && open());
  return stop;
}
