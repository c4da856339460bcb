// The last calls, kept in this browser alone.

const NAME = "voiceplat.past-calls";
const KEPT = 6;

export function pastCalls() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? [];
  } catch {
    return [];
  }
}

export function remember(call) {
  const seconds = call.answeredAt ? Math.round((Date.now() - call.answeredAt) / 1000) : null;
  const entry = { name: call.name, outgoing: call.outgoing, at: call.startedAt.toISOString(), seconds };
  try {
    localStorage.setItem(NAME, JSON.stringify([entry, ...pastCalls()].slice(0, KEPT)));
  } catch {
    // a browser that keeps nothing still makes calls
  }
}
