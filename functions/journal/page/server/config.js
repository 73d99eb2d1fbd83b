/** The page's configuration, which the server provides without sign-in. */

import { ServerError, Unreachable } from "../client/samo.js";

/**
 * @typedef {object} SignInConfig how users sign in here
 * @property {string} api_key
 * @property {string} accounts URL that verifies e-mail and password
 * @property {string} tokens URL that renews tokens
 *
 * @typedef {object} PageConfig
 * @property {boolean} accounts whether callers must sign in
 * @property {SignInConfig | null} sign_in
 * @property {string | null} dictation URL of the WebSocket
 * @property {boolean} search
 * @property {boolean} similar
 * @property {("moonshine" | "whisper")[]} engines the speech engines there are
 */

/** @type {PageConfig | null} */
let config = null;

export async function load() {
  let response;
  try {
    response = await fetch("/page/config.json");
  } catch (error) {
    throw new Unreachable(String(error), { code: "unreachable" });
  }
  if (!response.ok) throw new ServerError("", { code: `http_${response.status}`, status: response.status });
  config = /** @type {PageConfig} */ (await response.json());
  return config;
}

/** The WebSocket's address for dictation, or null. */
export const dictationUrl = () => config?.dictation ?? null;

/** Whether entries can be searched. */
export const hasSearch = () => Boolean(config?.search);

/** Whether similar entries can be listed. */
export const hasSimilar = () => Boolean(config?.similar);

/** The speech engines that a recording can be transcribed with again. */
export const engines = () => config?.engines ?? [];

export const hasAccounts = () => Boolean(config?.accounts);
