// A customer's page: Plivo's SDK as it comes, told by one option where the server is.
const happened = [];
window.happened = happened;
for (const name of ["securitypolicyviolation"]) {
  document.addEventListener(name, ({ blockedURI }) => happened.push([name, blockedURI]));
}

window.begin = (socket) => {
  const plivo = new window.Plivo({
    registrationDomainSocket: [socket],
    debug: "ERROR",
    permOnClick: true,
    closeProtection: false,
    enableTracking: false,
    audioConstraints: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const client = (window.client = plivo.client);
  for (const name of [
    "onLogin", "onLogout", "onLoginFailed", "onCalling", "onCallRemoteRinging", "onCallAnswered",
    "onCallTerminated", "onCallFailed", "onIncomingCall", "onIncomingCallCanceled", "onConnectionChange",
  ]) {
    client.on(name, (...told) => happened.push([name, ...told.map((it) => JSON.parse(JSON.stringify(it ?? null)))]));
  }
};
