// The TURN server, for networks that let no UDP out: what the edge's ticket opens.

const ASKED_FOR_MS = 3000;

export class Turn {
  // RTCConfiguration's iceServers; none while there is none, or nobody told.
  servers = [];

  // `ticket` came with the answer to REGISTER; without one there is no TURN server.
  async renew(ticket) {
    if (!ticket) return;
    try {
      const answer = await fetch("/console/phone/turn", {
        method: "POST",
        headers: { "X-VP-Turn": ticket },
        signal: AbortSignal.timeout(ASKED_FOR_MS),
      });
      if (answer.ok) this.servers = await answer.json();
    } catch {
      // calls are made without it, as they are where there is none
    }
  }
}
