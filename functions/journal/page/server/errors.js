/** Error messages of the page, which state what happened and what to do. */

import { NotFound, SamoError, Unreachable } from "../client/samo.js";
import { clockTime } from "../common/format.js";

export { NotFound, SamoError, Unauthenticated, Unreachable } from "../client/samo.js";

/** The session has expired and could not be renewed. */
export class SignedOut extends Error {
  constructor() {
    super("Your session has expired. Sign in again to continue.");
  }
}

/** Whether an entry or a key does not exist. @param {unknown} error */
export const isNotFound = (error) => error instanceof NotFound;

/** @param {unknown} error */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";

/**
 * The message of an error for the user.
 *
 * @param {unknown} error
 */
export function messageOf(error) {
  if (error instanceof Unreachable) return unreachableMessage();
  if (error instanceof SamoError) return refusalMessage(error);
  return error instanceof Error ? error.message : String(error);
}

const unreachableMessage = () =>
  navigator.onLine
    ? "The journal is not responding. It may be down or starting."
    : "You are offline. Entries you have opened on this device are still available.";

/** @param {SamoError} error */
function refusalMessage({ code, status, detail, retryAfter }) {
  if (code in MESSAGES) return MESSAGES[code];
  if (status === 429) return rateLimitMessage(retryAfter);
  return sentence(detail) || `The server responded with status ${status}.`;
}

/** @param {number | null} retryAfter seconds */
function rateLimitMessage(retryAfter) {
  if (retryAfter === null) return "Too many requests. Wait a moment, then try again.";
  const seconds = Math.max(1, Math.ceil(retryAfter));
  const when = seconds < 90 ? `in ${seconds} seconds` : `at ${clockTime(Date.now() + seconds * 1000)}`;
  return `You have reached a limit. Try again ${when}.`;
}

/** A capital letter at the beginning and a full stop at the end. @param {string} text */
export const sentence = (text) => text && `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** @type {Record<string, string>} */
const MESSAGES = {
  account_deleted: "This account has been deleted.",
  consent_required: "Please read and accept the terms before you create an entry.",
  insufficient_scope: "You do not have permission to do that.",
  forbidden_origin: "This journal does not accept requests from other sites.",
  token_revoked: "Your sign-in was revoked. Sign out and sign in again.",
  too_many_jobs: "Three exports are already running. Wait for one to finish, or cancel it.",
  too_many_keys: "You have reached the maximum number of API keys. Revoke one first.",
  entry_edited: "This entry has been edited in the meantime. Reload it to correct it.",
  text_too_long: "This text is too long for one entry. Split it in two.",
};
