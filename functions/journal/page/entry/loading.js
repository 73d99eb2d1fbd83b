/** Reading one entry: from the journal or, where it does not answer, from what this device remembers. */

import { button } from "../common/dom.js";
import * as api from "../server/api.js";
import * as kept from "../server/offline_cache.js";
import { Unreachable } from "../server/errors.js";
import { absence } from "./details.js";

/** The entry, and whether it is only what is remembered of it. */
export async function read(id) {
  try {
    return [await api.read(id), false];
  } catch (error) {
    const remembered = error instanceof Unreachable ? await kept.one(id) : null;
    if (!remembered?.transcript && remembered?.status !== "failed") throw error;
    return [remembered, true];
  }
}

/** What to show in its place. */
export function unread(error, retry) {
  if (error.status === 404) return absence("There is no such entry", "It may have been deleted.");
  const away = error instanceof Unreachable && !navigator.onLine;
  const why = away ? "It was not opened on this device before, so it can be read once you are online again." : error.message;
  return absence("This entry could not be read", why, button("Try again", retry, "plain"));
}
