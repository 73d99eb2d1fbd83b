/** Error messages of the page, which state what happened and what to do. */

import { NotFound, SamoError, Unreachable } from "../client/samo.js";
import { clockTime } from "../common/format.js";
import { t } from "../texts/texts.js";

export { NotFound, SamoError, Unauthenticated, Unreachable } from "../client/samo.js";

/** The session has expired and could not be renewed. */
export class SignedOut extends Error {
  constructor() {
    super(t("server.your_session_has_expired_sign_in"));
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
  navigator.onLine ? t("server.the_journal_is_not_responding_it") : t("server.you_are_offline_entries_you_have");

/** @param {SamoError} error */
function refusalMessage({ code, status, detail, retryAfter }) {
  if (code in MESSAGES) return MESSAGES[code];
  if (status === 429) return rateLimitMessage(retryAfter);
  return sentence(detail) || t("server.the_server_responded_with_status", { status });
}

/** @param {number | null} retryAfter seconds */
function rateLimitMessage(retryAfter) {
  if (retryAfter === null) return t("server.too_many_requests_wait_a_moment");
  const seconds = Math.max(1, Math.ceil(retryAfter));
  const when = seconds < 90 ? `in ${seconds} seconds` : `at ${clockTime(Date.now() + seconds * 1000)}`;
  return t("server.you_have_reached_a_limit_try", { when });
}

/** A capital letter at the beginning and a full stop at the end. @param {string} text */
export const sentence = (text) => text && `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** @type {Record<string, string>} */
const MESSAGES = {
  account_deleted: t("server.this_account_has_been_deleted"),
  consent_required: t("server.please_read_and_accept_the_terms"),
  insufficient_scope: t("server.you_do_not_have_permission_to"),
  forbidden_origin: t("server.this_journal_does_not_accept_requests"),
  token_revoked: t("server.your_sign_in_was_revoked_sign"),
  too_many_jobs: t("server.three_exports_are_already_running_wait"),
  too_many_keys: t("server.you_have_reached_the_maximum_number"),
  entry_edited: t("server.this_entry_has_been_edited_in"),
  text_too_long: t("server.this_text_is_too_long_for"),
};
