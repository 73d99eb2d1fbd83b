/** When an ID token should be replaced. */

const MARGIN_S = 60;
/** For tokens that do not say when they expire. */
const DEFAULT_S = 300;

/**
 * Seconds until a fresh token should be requested: a minute before this one expires.
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
