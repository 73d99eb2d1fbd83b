/** Loads an entry from the journal or, if that cannot be reached, from the offline cache. */

import { button } from "../common/dom.js";
import * as api from "../server/api.js";
import { isNotFound, messageOf, Unreachable } from "../server/errors.js";
import * as cache from "../server/offline_cache.js";
import { t } from "../texts/texts.js";
import { missing } from "./details.js";

/** @import { EntryView } from "../client/samo.js" */

/** @param {string} id @returns {Promise<{ entry: EntryView, cached: boolean }>} */
export async function loadEntry(id) {
  try {
    return { entry: await api.getEntry(id), cached: false };
  } catch (error) {
    const entry = error instanceof Unreachable ? await cache.get(id) : null;
    if (!entry || (!entry.transcript && entry.status !== "failed")) throw error;
    return { entry, cached: true };
  }
}

/** The message shown if the entry could not be loaded. @param {unknown} error @param {() => unknown} retry */
export function loadError(error, retry) {
  if (isNotFound(error)) return missing(t("entry.entry_not_found"), t("entry.it_may_have_been_deleted"));
  const offline = error instanceof Unreachable && !navigator.onLine;
  const explanation = offline ? t("entry.it_has_not_been_opened_on") : messageOf(error);
  return missing(t("entry.this_entry_could_not_be_loaded"), explanation, button(t("common.try_again"), retry, "plain"));
}
