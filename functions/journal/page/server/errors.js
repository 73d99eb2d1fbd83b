/** What goes wrong between the page and the server, and how to say it. */

import { clockTime } from "../common/format.js";

/** The server refused: RFC 9457 problem details. `again`: the moment from which trying again may help, or null. */
export class Problem extends Error {
  constructor({ title, status, code, detail }, again = null) {
    super(EXPLAINED[code] ?? (status === 429 ? tooOften(again) : detail || title || `The server answered ${status}.`));
    this.status = status;
    this.code = code;
    this.again = again;
  }
}

/** The server did not answer at all; the window hears of it as `unreachable`. */
export class Unreachable extends Error {
  constructor() {
    super(
      navigator.onLine
        ? "The journal does not answer. It may be down, or starting."
        : "You are offline. What you have read on this device can still be read.",
    );
    dispatchEvent(new Event("unreachable"));
  }
}

/** The sign-in is over, and could not be renewed. */
export class SignedOut extends Error {
  constructor() {
    super("Your sign-in is over. Sign in again to go on.");
  }
}

/** The refusal in a response, with the moment its Retry-After names. */
export async function refusal(response) {
  const said = await response.json().catch(() => ({ status: response.status }));
  return new Problem({ status: response.status, ...said }, again(response.headers.get("Retry-After")));
}

/** Retry-After in seconds or as a date; null where it says neither. */
export function again(said) {
  if (!said) return null;
  const moment = /^\d+$/.test(said) ? Date.now() + Number(said) * 1000 : Date.parse(said);
  return Number.isNaN(moment) ? null : new Date(moment);
}

function tooOften(moment) {
  if (!moment) return "That was more than is allowed at once. Wait a little, then try again.";
  const seconds = Math.max(1, Math.ceil((moment - Date.now()) / 1000));
  const when = seconds < 90 ? `in ${seconds} seconds` : `at ${clockTime(moment)}`;
  return `That was more than is allowed in this time. Try again ${when}.`;
}

const EXPLAINED = {
  account_deleted: "This account was deleted.",
  consent_required: "Before an entry is made, please read and agree to how your words are looked after.",
  insufficient_scope: "This sign-in is not allowed to do that.",
  forbidden_origin: "Another site may not use this journal.",
  token_revoked: "This sign-in was taken back. Sign out, and in again.",
  too_many_jobs: "Three exports are under way already. Wait for one, or stop it.",
  too_many_keys: "There are as many keys as there may be. Revoke one first.",
  text_too_long: "These are more words than one entry takes. Split them in two.",
};
