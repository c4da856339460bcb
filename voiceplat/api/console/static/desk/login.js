// The log-in: account credentials for a cookie that this script never sees.

import { Refused, ask } from "./api.js";
import { at, say, show } from "./dom.js";

// Only pages of the console, whatever the address says.
function wanted() {
  const next = new URL(new URLSearchParams(location.search).get("next") ?? "/console/", location.origin);
  const ours = next.origin === location.origin && next.pathname.startsWith("/console/") && next.pathname !== "/console/login";
  return ours ? next.pathname + next.search : "/console/";
}

at("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  show(at("trouble"), false);
  const button = event.submitter ?? at("login").querySelector("button");
  button.disabled = true;
  try {
    const body = { auth_id: at("auth-id").value.trim(), auth_token: at("auth-token").value.trim() };
    await ask("login", { method: "POST", body });
    location.assign(wanted());
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(at("trouble"), error.status === 401 ? "Wrong auth_id or auth_token, or the account is disabled." : error.status === 429 ? `Too many wrong tokens: ${error.message}.` : error.message);
    show(at("trouble"), true);
    button.disabled = false;
    at("auth-token").select();
  }
});

// A link from elsewhere comes without the cookie; from here it goes with it.
const known = await ask("login").catch(() => false);
if (known) location.replace(wanted());
else at("auth-id").focus();
