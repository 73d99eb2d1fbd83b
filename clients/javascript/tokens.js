/** Schedules the renewal of ID tokens. */

const MARGIN_S = 60;
/** For tokens without an expiry time. */
const DEFAULT_S = 300;

/**
 * Seconds until a token should be renewed: a minute before it expires, if it has an expiry time.
 *
 * @param {string} token
 */
export function renewInS(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload));
    if (typeof exp === "number") return Math.max(1, exp - Date.now() / 1000 - MARGIN_S);
  } catch {
    // not a JWT
  }
  return DEFAULT_S;
}
