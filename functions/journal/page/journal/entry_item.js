/** One line of a list of entries. */

import { h } from "../common/dom.js";
import { tag, telling } from "../common/emotions.js";
import * as format from "../common/format.js";
import { entryAddress } from "../common/router.js";

/** A link to an entry; `more` stands below its words. */
export function item(entry, { selected = false, dated = false, words = null, prefix = "item", more = null } = {}) {
  const attributes = {
    href: entryAddress(entry.id),
    id: `${prefix}-${entry.id}`,
    class: `item ${entry.status}`,
    "aria-current": selected ? "page" : null,
  };
  const strongest = telling(entry.insight.emotions);
  const said = words ? h("span", { class: "item-text" }, words) : summary(entry);
  const about = h("span", { class: "item-facts" }, facts(entry, dated));
  return h("li", {}, h("a", attributes, about, said, strongest && tag(strongest.emotion), more));
}

function summary(entry) {
  const { title, text } = entry.insight.summary ?? { text: status(entry) };
  const words = title ? [h("strong", {}, title), " ", text] : [text];
  return h("span", { class: entry.insight.summary ? "item-text" : "item-text item-status" }, ...words);
}

function facts(entry, dated) {
  const length = entry.audio?.duration_s;
  const source = entry.source === "voice" ? "spoken" : "written";
  const when = [dated && format.date(entry), format.time(entry)];
  return [...when, source, length && format.length(length)].filter(Boolean).join(" · ");
}

const NOTHING_TO_READ = {
  no_speech: "No speech was heard",
  no_words: "No words in it",
  unsupported_language: "Not in English",
};

export function status(entry) {
  const reason = entry.insight.empty_reason;
  if (reason) return NOTHING_TO_READ[reason] ?? "Nothing to read";
  if (entry.status === "failed") return "Could not be turned into words";
  if (entry.status === "awaiting_audio") return "Waiting for its recording";
  if (entry.status === "processing") return "Being read…";
  return entry.status === "partial" ? "Words only" : "No summary";
}
