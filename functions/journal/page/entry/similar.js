/** Entries like the one that is shown. */

import { h } from "../common/dom.js";
import { item } from "../journal/entry_item.js";
import * as api from "../server/api.js";
import { compares } from "../server/config.js";

/** What to show of them; null where there are none or the journal cannot tell. */
export async function similarSection(id) {
  if (!compares()) return null;
  try {
    const { results } = await api.similar(id);
    if (!results.length) return null;
    const items = results.map(({ entry, passage }) => item(entry, { dated: true, words: passage || null, prefix: "similar" }));
    return [h("h2", { id: "similar-title" }, "Entries like this one"), h("ol", { class: "similar-list" }, ...items)];
  } catch {
    return null;
  }
}
