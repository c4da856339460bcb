// How good a call sounds: loss, jitter and delay of the last seconds, and the mean opinion
// score that ITU-T G.107 makes of them for G.711 with concealment.

const EVERY_MS = 2000;
const FACTOR = 93.2;
const CONCEALED = 25.1;
const LATE_MS = 177.3;

export const CLEAR = null;

export class Quality {
  #connection;
  #tell;
  #timer = 0;
  #before = { received: 0, lost: 0 };

  constructor(connection, tell) {
    this.#connection = connection;
    this.#tell = tell;
  }

  start() {
    this.stop();
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #look() {
    const found = factsOf(await this.#connection.getStats());
    if (!found) return;
    const received = found.received - this.#before.received;
    const lost = Math.max(0, found.lost - this.#before.lost);
    this.#before = found;
    if (received + lost === 0) return;
    const loss = lost / (received + lost);
    this.#tell({ loss, jitter: found.jitter, delay: found.delay, mos: opinionScore(loss, found.delay) });
  }
}

function factsOf(report) {
  const all = [...report.values()];
  const heard = all.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
  if (!heard) return null;
  const told = all.find(({ type, kind }) => type === "remote-inbound-rtp" && kind === "audio");
  const pair = all.find(({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded");
  const turnaround = told?.roundTripTime ?? pair?.currentRoundTripTime ?? 0;
  const buffered = heard.jitterBufferEmittedCount ? heard.jitterBufferDelay / heard.jitterBufferEmittedCount : 0;
  return {
    received: heard.packetsReceived,
    lost: heard.packetsLost,
    jitter: heard.jitter * 1000,
    delay: (turnaround / 2 + buffered) * 1000,
  };
}

export function opinionScore(loss, delay) {
  const percent = loss * 100;
  const tardy = 0.024 * delay + (delay > LATE_MS ? 0.11 * (delay - LATE_MS) : 0);
  const broken = 95 * (percent / (percent + CONCEALED));
  const rating = Math.min(100, Math.max(0, FACTOR - tardy - broken));
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}
