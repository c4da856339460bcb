// The line to the edge: one WebSocket, one registered endpoint, at most one call.

import JsSIP from "../jssip.js";
import { Call } from "./call.js";
import { Turn } from "./turn.js";

const RETRY_FIRST_S = 1;
const RETRY_MOST_S = 3;
const REGISTERED_FOR_S = 120;

// Tells by events: "state" (detail: off, connecting, registered, lost, refused),
// "call" (detail: a Call, with which something must be done).
export class Line extends EventTarget {
  #agent = null;
  #call = null;
  #wasLost = false;
  #turn = new Turn();

  constructor(socketUrl, domain) {
    super();
    this.socketUrl = socketUrl;
    this.domain = domain;
  }

  get call() {
    return this.#call;
  }

  signIn(user, password) {
    this.signOut();
    this.#turn = new Turn();
    this.user = user;
    const agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(this.socketUrl)],
      uri: new JsSIP.URI("sip", user, this.domain).toString(),
      password,
      register_expires: REGISTERED_FOR_S,
      session_timers: false,
      connection_recovery_min_interval: RETRY_FIRST_S,
      connection_recovery_max_interval: RETRY_MOST_S,
      user_agent: "voiceplat web phone",
    });
    agent.on("connected", () => this.#reconnected());
    agent.on("disconnected", () => this.#lost());
    agent.on("registered", ({ response }) => this.#registered(agent, response));
    agent.on("unregistered", () => this.#tell("connecting"));
    agent.on("registrationFailed", ({ response, cause }) => this.#refused(response, cause));
    agent.on("newRTCSession", ({ originator, session, request }) => {
      if (originator === "remote") this.#take(session, request);
    });
    this.#agent = agent;
    this.#tell("connecting");
    agent.start();
  }

  // Ends the call, unregisters and closes the connection.
  signOut() {
    const agent = this.#agent;
    this.#agent = null;
    this.#wasLost = false;
    agent?.stop();
    this.#tell("off");
  }

  // The Call; throws what is wrong with the target, for people.
  dial(text) {
    const target = targetOf(text, this.domain);
    const call = new Call(this.#agent, { outgoing: true, name: text.trim(), turn: this.#turn });
    this.#begin(call);
    call.dial(target);
    return call;
  }

  async #registered(agent, response) {
    await this.#turn.renew(response?.getHeader("X-VP-Turn"));
    if (agent === this.#agent && agent.isRegistered()) this.#tell("registered");
  }

  #take(session, request) {
    if (this.#call) {
      session.terminate({ status_code: 486 });
      return;
    }
    const from = request.from;
    const name = from.display_name || from.uri.user || "Unknown";
    const call = new Call(this.#agent, { outgoing: false, name, turn: this.#turn });
    call.adopt(session);
    this.#begin(call);
  }

  #begin(call) {
    this.#call = call;
    call.addEventListener("change", () => {
      if (call.state === "ended" && this.#call === call) this.#call = null;
    });
    this.dispatchEvent(new CustomEvent("call", { detail: call }));
  }

  #lost() {
    if (!this.#agent) return;
    this.#wasLost = true;
    this.#tell("lost");
  }

  // The far end goes on hearing us when the edge knows where we are now.
  #reconnected() {
    this.#tell("connecting");
    if (this.#wasLost) this.#call?.reconnect();
    this.#wasLost = false;
  }

  #refused(response, cause) {
    const status = response?.status_code ?? 0;
    if (status >= 400 && status < 500) {
      this.signOut();
      this.#tell("refused", status === 403 ? "Too many attempts. Wait a minute." : "Wrong user name or password.");
    } else {
      this.#tell("lost", String(cause));
    }
  }

  #tell(state, why = "") {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, why } }));
  }
}

// What people write becomes a SIP URI: spaces and brackets in numbers mean nothing.
export function targetOf(text, domain) {
  const written = text.trim();
  const bare = /^[+\d\s().\/-]+$/.test(written) ? written.replace(/[\s().\/-]/g, "") : written;
  const uri = bare.startsWith("sip:") || bare.includes("@") ? bare.replace(/^(?!sip:)/, "sip:") : `sip:${bare}@${domain}`;
  if (!bare || !JsSIP.URI.parse(uri)) throw new Error(`“${written}” cannot be called.`);
  return uri;
}
