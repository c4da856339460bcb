// One call and what can be done in it.

import { CLEAR, Quality } from "./quality.js";

const KEY_MS = 120;
const CANCELLED = "Canceled";
const ENDINGS = {
  Busy: "Busy",
  Rejected: "Declined",
  "Not Found": "Nobody has this number",
  "Address Incomplete": "The number is incomplete",
  Unavailable: "Not available",
  "No Answer": "No answer",
  "User Denied Media Access": "The microphone is not allowed; allow it in the browser’s settings",
  "WebRTC Error": "The browser could not set up the audio",
  "Connection Error": "The connection was lost",
  "RTP Timeout": "The connection was lost",
};

// state: dialling, ringing (out), incoming, talking, ended. Tells "change"; "stream" when
// the far end can be heard; "quality" every two seconds.
export class Call extends EventTarget {
  #agent;
  #session = null;
  #quality = null;
  #turn;
  #holdWanted = false;
  #changingHold = false;

  constructor(agent, { outgoing, name, turn }) {
    super();
    this.#agent = agent;
    this.#turn = turn;
    this.outgoing = outgoing;
    this.name = name;
    this.state = outgoing ? "dialling" : "incoming";
    this.startedAt = new Date();
    this.answeredAt = null;
    this.ending = "";
    this.muted = false;
    this.held = false;
    this.transferring = "";
  }

  dial(target) {
    this.adopt(this.#agent.call(target, this.#media()));
  }

  adopt(session) {
    this.#session = session;
    session.on("progress", () => this.outgoing && this.#become("ringing"));
    session.on("accepted", () => this.#answered());
    session.on("ended", (event) => this.#over(event));
    session.on("failed", (event) => this.#over(event));
    session.on("hold", ({ originator }) => originator === "local" && this.#set({ held: true }));
    session.on("unhold", ({ originator }) => originator === "local" && this.#set({ held: false }));
    session.on("muted", () => this.#set({ muted: true }));
    session.on("unmuted", () => this.#set({ muted: false }));
    // the edge learns where we are from our own packets: one address of ours is enough
    session.on("icecandidate", ({ ready }) => ready());
    if (session.connection) this.#listen(session.connection);
    else session.on("peerconnection", ({ peerconnection }) => this.#listen(peerconnection));
  }

  answer() {
    this.#session.answer(this.#media());
  }

  hangUp() {
    if (!this.#session) this.#over({ cause: CANCELLED });
    else if (!this.#session.isEnded()) this.#session.terminate();
  }

  toggleMute() {
    if (this.muted) this.#session.unmute({ audio: true });
    else this.#session.mute({ audio: true });
  }

  toggleHold() {
    this.#holdWanted = this.#changingHold ? !this.#holdWanted : !this.held;
    this.#changeHold();
  }

  press(key) {
    this.#session.sendDTMF(key, { transportType: "RFC2833", duration: KEY_MS });
  }

  // Send the far end on to somebody else; this call ends when that was done.
  transfer(target) {
    this.#set({ transferring: "Transferring…" });
    const failed = () => this.#set({ transferring: "The transfer failed" });
    this.#session.refer(target, {
      eventHandlers: {
        requestFailed: failed,
        failed,
        accepted: () => {
          this.#set({ transferring: "Transferred" });
          this.hangUp();
        },
      },
    });
  }

  // A new connection: tell the edge where we are, and find a new way for the audio.
  reconnect() {
    if (this.state !== "talking") return;
    const { connection } = this.#session;
    connection.setConfiguration({ ...connection.getConfiguration(), iceServers: this.#turn.servers });
    this.#session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  get microphone() {
    const sender = this.#session?.connection?.getSenders().find(({ track }) => track?.kind === "audio");
    return sender ? new MediaStream([sender.track]) : null;
  }

  // One offer at a time: what was pressed while the far end answers is done after it.
  #changeHold() {
    if (this.#changingHold || this.#holdWanted === this.held) return;
    const done = () => {
      this.#changingHold = false;
      this.#changeHold();
    };
    this.#changingHold = this.#holdWanted ? this.#session.hold({}, done) : this.#session.unhold({}, done);
  }

  #media() {
    return {
      mediaConstraints: { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: false },
      pcConfig: { iceServers: this.#turn.servers },
      rtcOfferConstraints: { offerToReceiveAudio: true },
    };
  }

  #listen(connection) {
    connection.addEventListener("track", ({ track, streams }) => {
      const stream = streams[0] ?? new MediaStream([track]);
      this.dispatchEvent(new CustomEvent("stream", { detail: stream }));
    });
    this.#quality = new Quality(connection, (detail) => this.dispatchEvent(new CustomEvent("quality", { detail })));
  }

  #answered() {
    this.answeredAt = new Date();
    this.#quality?.start();
    this.#become("talking");
  }

  #over({ originator, cause }) {
    this.#quality?.stop();
    if (this.answeredAt && cause === "Terminated") this.ending = "Call ended";
    else if (cause === CANCELLED) this.ending = this.outgoing || originator === "local" ? "Call ended" : "Missed call";
    else this.ending = ENDINGS[cause] ?? (this.answeredAt ? "Call ended" : "The call failed");
    this.dispatchEvent(new CustomEvent("quality", { detail: CLEAR }));
    this.#become("ended");
  }

  #become(state) {
    this.#set({ state });
  }

  #set(changes) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }
}
