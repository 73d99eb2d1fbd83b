/** One entry in a list. */

import { h } from "../common/dom.js";
import { emotionTag, leadingEmotion } from "../common/emotions.js";
import * as format from "../common/format.js";
import { languageOf, ownWords } from "../common/language.js";
import { entryHash } from "../common/router.js";
import { shown } from "../common/support.js";
import { t } from "../texts/texts.js";

/** @import { EntryView } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

/**
 * A link to an entry. `language` is that of `text`, if it is not English.
 *
 * @param {EntryView} entry
 * @param {{ selected?: boolean, showDate?: boolean, text?: string, language?: string | null, idPrefix?: string,
 *   footer?: Child }} [options]
 *   `text` replaces the summary
 */
export function entryItem(entry, { selected, showDate, text, language, idPrefix = "item", footer } = {}) {
  const attributes = {
    href: entryHash(entry.id),
    id: `${idPrefix}-${entry.id}`,
    class: `item ${entry.status}`,
    "aria-current": selected && "page",
  };
  const emotion = leadingEmotion(shown(entry).insight);
  const details = h("span", { class: "item-facts" }, facts(entry, showDate));
  const body = text ? h("span", { class: "item-text", ...ownWords(language) }, text) : summary(entry);
  return h("li", {}, h("a", attributes, details, body, emotion && emotionTag(emotion), footer));
}

/** @param {EntryView} entry */
function summary(entry) {
  const { summary, title = summary?.title } = entry.insight;
  if (summary || title) {
    return h(
      "span",
      { class: "item-text", ...ownWords() },
      title && h("strong", {}, title),
      title && " ",
      summary?.text,
    );
  }
  if (entry.opening) return h("span", { class: "item-text", ...ownWords(languageOf(entry)) }, entry.opening);
  return h("span", { class: "item-text item-status" }, statusText(entry));
}

/** @param {EntryView} entry @param {boolean} [showDate] */
function facts(entry, showDate) {
  const length = entry.audio?.duration_s;
  const source = entry.source === "voice" ? t("common.spoken") : t("common.written");
  const language = languageOf(entry);
  return [
    showDate && format.date(entry),
    format.time(entry),
    source,
    language && `in ${format.languageName(language)}`,
    length && format.duration(length),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @type {Record<string, string>} */
const EMPTY = {
  no_speech: t("common.no_speech_detected"),
  no_words: t("common.no_words_to_analyse"),
  unsupported_language: t("journal.not_in_english"),
};

/** The text shown if an entry has no summary. @param {EntryView} entry */
export function statusText({ status, insight }) {
  if (insight.empty_reason) return EMPTY[insight.empty_reason] ?? t("journal.no_insight");
  if (status === "failed") return t("journal.could_not_be_transcribed");
  if (status === "awaiting_audio") return t("journal.waiting_for_the_recording");
  if (status === "processing") return t("journal.processing");
  return status === "partial" ? t("journal.transcript_only") : t("journal.no_summary");
}
