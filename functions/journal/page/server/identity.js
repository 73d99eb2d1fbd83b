/** Identity Platform over REST. https://cloud.google.com/identity-platform/docs/use-rest-api */

import { Unreachable } from "./errors.js";

/** It said no. */
export class Refused extends Error {
  constructor(code) {
    const reason = code.split(" ")[0];
    super(REASONS[reason] ?? "That did not work. Check what you typed and try again.");
    this.code = reason;
  }
}

export const signIn = (provider, email, password) => enter(provider, "signInWithPassword", email, password);

export const signUp = (provider, email, password) => enter(provider, "signUp", email, password);

/** The answer does not tell whether there is such an account. */
export async function sendPasswordReset(provider, email) {
  try {
    await account(provider, "sendOobCode", { requestType: "PASSWORD_RESET", email });
  } catch (error) {
    if (error.code !== "EMAIL_NOT_FOUND") throw error;
  }
}

/** New tokens for a refresh token. */
export async function renew({ tokens, api_key }, refresh) {
  const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refresh });
  const said = await answer(`${tokens}?key=${encodeURIComponent(api_key)}`, { method: "POST", body: form });
  return { token: said.id_token, refresh: said.refresh_token, until: until(said.expires_in) };
}

async function enter(provider, way, email, password) {
  const said = await account(provider, way, { email, password, returnSecureToken: true });
  return { token: said.idToken, refresh: said.refreshToken, until: until(said.expiresIn) };
}

const account = ({ accounts, api_key }, way, body) =>
  answer(`${accounts}:${way}?key=${encodeURIComponent(api_key)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** Keys may be good on certain pages only, so these two hosts are told where the page is. */
async function answer(address, options) {
  let response;
  try {
    response = await fetch(address, { ...options, referrerPolicy: "origin", credentials: "omit" });
  } catch {
    throw new Unreachable();
  }
  const said = await response.json().catch(() => ({}));
  if (response.ok) return said;
  if (response.status >= 500) throw new Unreachable();
  throw new Refused(said.error?.message ?? "");
}

const until = (seconds) => Date.now() + Number(seconds) * 1000;

const WRONG = "The e-mail address or the password is not right.";
const REASONS = {
  EMAIL_NOT_FOUND: WRONG,
  INVALID_PASSWORD: WRONG,
  INVALID_LOGIN_CREDENTIALS: WRONG,
  INVALID_EMAIL: "That is not an e-mail address.",
  USER_DISABLED: "This account is closed. Ask whoever runs this journal.",
  TOO_MANY_ATTEMPTS_TRY_LATER: "Too many attempts. Wait a few minutes, then try again.",
  EMAIL_EXISTS: "There is an account with this e-mail address already. Sign in instead.",
  WEAK_PASSWORD: "That password is too short. Take at least six characters, better twelve.",
  OPERATION_NOT_ALLOWED: "Accounts are made by whoever runs this journal. Ask them for one.",
  ADMIN_ONLY_OPERATION: "Accounts are made by whoever runs this journal. Ask them for one.",
};
