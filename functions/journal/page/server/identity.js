/** Identity Platform over REST. https://cloud.google.com/identity-platform/docs/use-rest-api */

import { Unreachable } from "../client/samo.js";
import { t } from "../texts/texts.js";

/** @import { SignInConfig } from "./config.js" */

/** @typedef {{ token: string, refresh: string, expiresAt: number }} Tokens */

/** Identity Platform rejected a request. */
export class IdentityError extends Error {
  /** @param {string} reason such as "WEAK_PASSWORD : Password should be at least 6 characters" */
  constructor(reason) {
    const [code] = reason.split(" ");
    super(MESSAGES[code] ?? t("server.something_went_wrong_check_what_you"));
    this.code = code;
  }
}

/** @param {SignInConfig} provider @param {string} email @param {string} password */
export const signIn = (provider, email, password) => authenticate(provider, "signInWithPassword", email, password);

/** @param {SignInConfig} provider @param {string} email @param {string} password */
export const signUp = (provider, email, password) => authenticate(provider, "signUp", email, password);

/**
 * Does not reveal whether the account exists.
 *
 * @param {SignInConfig} provider
 * @param {string} email
 */
export async function sendPasswordReset(provider, email) {
  try {
    await callAccounts(provider, "sendOobCode", { requestType: "PASSWORD_RESET", email });
  } catch (error) {
    if (!(error instanceof IdentityError) || error.code !== "EMAIL_NOT_FOUND") throw error;
  }
}

/**
 * Exchange a refresh token for new tokens.
 *
 * @param {SignInConfig} provider
 * @param {string} refresh
 * @returns {Promise<Tokens>}
 */
export async function renew({ tokens, api_key }, refresh) {
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refresh });
  const payload = await call(`${tokens}?key=${encodeURIComponent(api_key)}`, { method: "POST", body });
  return { token: payload.id_token, refresh: payload.refresh_token, expiresAt: expiry(payload.expires_in) };
}

/**
 * @param {SignInConfig} provider
 * @param {string} method
 * @param {string} email
 * @param {string} password
 * @returns {Promise<Tokens>}
 */
async function authenticate(provider, method, email, password) {
  const payload = await callAccounts(provider, method, { email, password, returnSecureToken: true });
  return { token: payload.idToken, refresh: payload.refreshToken, expiresAt: expiry(payload.expiresIn) };
}

/** @param {SignInConfig} provider @param {string} method @param {object} body */
const callAccounts = ({ accounts, api_key }, method, body) =>
  call(`${accounts}:${method}?key=${encodeURIComponent(api_key)}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/**
 * Sends the page's origin, because an API key may be restricted to certain origins.
 *
 * @param {string} url
 * @param {RequestInit} options
 */
async function call(url, options) {
  let response;
  try {
    response = await fetch(url, { ...options, referrerPolicy: "origin", credentials: "omit" });
  } catch (error) {
    throw new Unreachable(String(error), { code: "unreachable" });
  }
  const payload = await response.json().catch(() => ({}));
  if (response.ok) return payload;
  if (response.status >= 500) throw new Unreachable("", { code: "unreachable" });
  throw new IdentityError(payload.error?.message ?? "");
}

/** @param {string} seconds */
const expiry = (seconds) => Date.now() + Number(seconds) * 1000;

const WRONG_CREDENTIALS = t("server.the_e_mail_address_or_the");
const NO_SIGN_UP = t("server.you_cannot_create_an_account_here");
/** @type {Record<string, string>} */
const MESSAGES = {
  EMAIL_NOT_FOUND: WRONG_CREDENTIALS,
  INVALID_PASSWORD: WRONG_CREDENTIALS,
  INVALID_LOGIN_CREDENTIALS: WRONG_CREDENTIALS,
  INVALID_EMAIL: t("server.that_is_not_a_valid_e"),
  USER_DISABLED: t("server.this_account_has_been_disabled_contact"),
  TOO_MANY_ATTEMPTS_TRY_LATER: t("server.too_many_attempts_wait_a_few"),
  EMAIL_EXISTS: t("server.an_account_with_this_e_mail"),
  WEAK_PASSWORD: t("server.that_password_is_too_short_use"),
  OPERATION_NOT_ALLOWED: NO_SIGN_UP,
  ADMIN_ONLY_OPERATION: NO_SIGN_UP,
};
