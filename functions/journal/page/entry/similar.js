/** Similar entries. */

import { h } from "../common/dom.js";
import { entryItem } from "../journal/entry_item.js";
import * as api from "../server/api.js";
import { hasSimilar } from "../server/config.js";
import { t } from "../texts/texts.js";

/** The section's content; null if there are none or they cannot be loaded. @param {string} id */
export async function similarSection(id) {
  if (!hasSimilar()) return null;
  try {
    const { results } = await api.similarEntries(id);
    if (results.length === 0) return null;
    const items = results.map(({ entry, passage }) =>
      entryItem(entry, { showDate: true, text: passage, idPrefix: "similar" }),
    );
    return [h("h2", { id: "similar-title" }, t("entry.similar_entries")), h("ol", { class: "similar-list" }, ...items)];
  } catch {
    return null;
  }
}
