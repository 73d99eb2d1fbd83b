/** The insight of an entry: its summary, emotions, feelings and topics, or why there is none. */

import { h } from "../common/dom.js";
import { emotionFamily, emotionTag, feelingFamily, isHardToTell, strongestEmotion } from "../common/emotions.js";
import { clock, languageName } from "../common/format.js";
import { languageOf, ownWords } from "../common/language.js";
import { label as nameOf, t } from "../texts/texts.js";
import { claimsOf } from "./claims.js";

/** @import { EntryView, InsightPart, InsightView, Quote, Summary } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */
/** @import { Evidence, ShownClaim } from "./claims.js" */

/** @type {Record<string, [string, string]>} */
const EMPTY = {
  no_speech: [t("common.no_speech_detected"), t("entry.the_recording_contains_no_speech_the")],
  no_words: [t("common.no_words_to_analyse"), t("entry.the_entry_is_stored_as_it")],
};

/** @param {EntryView} entry without an insight @param {Child[]} actions */
export function emptyNotice(entry, ...actions) {
  const language = languageOf(entry);
  const [headline, explanation] = language
    ? notAnalysed(language)
    : (EMPTY[entry.insight.empty_reason ?? ""] ?? [t("entry.there_is_no_insight_for_this"), ""]);
  return notice(headline, explanation, ...actions);
}

/** @param {string} language @returns {[string, string]} */
const notAnalysed = (language) => [
  language === "und"
    ? t("entry.this_language_is_not_analysed_yet")
    : t("entry.is_not_analysed_yet", { language: languageName(language) }),
  t("entry.the_entry_is_kept_in_its"),
];

/** @param {string} headline @param {string} explanation @param {Child[]} actions */
export const notice = (headline, explanation, ...actions) =>
  h(
    "div",
    { class: "notice" },
    h("p", { class: "notice-head" }, headline),
    explanation && h("p", {}, explanation),
    ...actions,
  );

/** @type {Record<string, string>} */
const FALLBACK_REASONS = {
  not_installed: t("entry.quoted_from_your_entry_no_model"),
  nothing_written: t("entry.quoted_from_your_entry_the_model"),
};
const UNFAITHFUL = t("entry.quoted_from_your_entry_the_written");

/** Whether there is an insight to show or to correct. @param {EntryView} entry */
export function hasInsight({ status, insight, transcript }) {
  if ((insight.arc?.length ?? 0) > 0 || (insight.corrected?.length ?? 0) > 0) return true;
  return (status === "ready" || status === "partial") && transcript !== null && insight.empty_reason === null;
}

/**
 * The title and the summary: an extractive one as quotes, an abstractive one above the sentences it is based on.
 *
 * @param {InsightView} insight
 * @param {((segment: number, from?: number | null) => void) | null} onPick plays a sentence
 */
export function summaryCard(insight, onPick) {
  const { summary } = insight;
  const title = insight.title ?? summary?.title;
  if (!summary && !title) return null;
  return [
    h("h2", {}, title ? h("span", ownWords(), title) : t("entry.summary"), changed(insight, "title")),
    ...(summary ? summaryContent(summary, onPick) : []),
  ];
}

/** Says that the user corrected a part. @param {InsightView} insight @param {InsightPart} part */
const changed = ({ corrected }, part) =>
  corrected?.includes(part) ? [" ", h("span", { class: "changed" }, t("entry.changed_by_you"))] : [];

/** @param {Summary} summary @param {((segment: number, from?: number | null) => void) | null} onPick */
function summaryContent(summary, onPick) {
  const written = summary.style === "abstract";
  const quotes = (summary.quotes ?? []).map((quote) => h("li", {}, ...quoteContent(quote, onPick)));
  const reason = summary.fallback_reason;
  return [
    written && h("p", { class: "summary", ...ownWords() }, summary.text),
    written && quotes.length > 0 && h("h3", {}, t("entry.in_your_own_words")),
    quotes.length > 0 && h("ul", { class: written ? "quotes" : "quotes summary" }, ...quotes),
    reason && h("p", { class: "quiet-text" }, FALLBACK_REASONS[reason] ?? UNFAITHFUL),
  ];
}

/** @param {Quote} quote @param {((segment: number, from?: number | null) => void) | null} onPick */
function quoteContent(quote, onPick) {
  const time = typeof quote.start === "number" && h("span", { class: "when" }, clock(quote.start));
  const content = [h("q", ownWords(), quote.text), " ", time];
  const emotion = strongestEmotion(quote.emotions ?? [])?.emotion;
  const line = onPick
    ? h("button", { type: "button", class: "quote", onclick: () => onPick(quote.segment, quote.start) }, ...content)
    : h("span", {}, ...content);
  return [line, emotion && " ", emotion && emotionTag(emotion)];
}

/**
 * What the insight claims, in words. Each claim opens the sentences it rests on, unless the user stated it.
 *
 * @param {InsightView} insight
 * @param {Evidence} evidence
 * @param {Child} toggle opens the corrections
 */
export function emotionsCard(insight, evidence, toggle) {
  const byKind = Map.groupBy(claimsOf(insight), ({ kind }) => kind);
  const emotions = byKind.get("emotion") ?? [];
  const rows = emotions.map((claim) => emotionRow(claim, evidence));
  const unclear = isHardToTell(insight) && hardToTell(emotions.length);
  const topics = byKind.get("topic") ?? [];
  return [
    h("h2", {}, t("entry.emotions"), changed(insight, "emotions")),
    unclear,
    rows.length > 0 ? h("ul", { class: "strengths" }, ...rows) : h("p", { class: "quiet-text" }, NOTHING_STANDS_OUT),
    moodLine(byKind.get("mood")?.[0], evidence, changed(insight, "mood")),
    chips(t("entry.feelings"), byKind.get("feeling") ?? [], feelingFamily, evidence, changed(insight, "feelings")),
    chips(t("entry.topics"), topics, () => "topic", evidence, changed(insight, "topics")),
    toggle,
  ];
}

const NOTHING_STANDS_OUT = t("entry.no_emotion_stands_out");

/** @param {number} possible number of emotions that are possible */
const hardToTell = (possible) =>
  h(
    "p",
    { class: "hard-to-tell" },
    h("strong", {}, t("entry.hard_to_tell")),
    possible > 1 ? t("entry.it_may_be_one_of_these") : t("entry.it_may_be_this"),
  );

/** @param {ShownClaim} claim @param {Evidence} evidence */
function emotionRow(claim, evidence) {
  const { label, strength } = claim;
  const isNeutral = label === "neutral";
  const name = h(
    "span",
    { class: `claim-name ${emotionFamily(label)}` },
    isNeutral ? NOTHING_STANDS_OUT : nameOf(label),
  );
  const words = strength && h("span", { class: "strength" }, strengthMarks(strength), nameOf(strength));
  const shown = isNeutral ? { ...claim, segments: null } : claim;
  const { control, panel } = evidence.controls(shown, "emotion-claim", name, words);
  return h("li", { class: emotionFamily(label) }, control, panel);
}

const STRENGTHS = ["a little", "somewhat", "strongly"];

/** One to three filled marks. @param {string} strength */
function strengthMarks(strength) {
  const filled = STRENGTHS.indexOf(strength) + 1;
  const marks = STRENGTHS.map((_, index) => h("span", { class: index < filled && "full" }));
  return h("span", { class: "strength-marks", "aria-hidden": "true" }, ...marks);
}

/** @param {ShownClaim | undefined} claim @param {Evidence} evidence @param {Child[]} note empty if the user did not correct it */
function moodLine(claim, evidence, note) {
  if (!claim)
    return (
      note.length > 0 && h("p", { class: "tone" }, t("entry.overall_mood"), h("strong", {}, t("entry.none_2")), note)
    );
  const shown = claim.label === "neutral" && claim.segments?.length === 0 ? { ...claim, segments: null } : claim;
  const { control, panel } = evidence.controls(shown, "mood-claim", h("strong", {}, nameOf(claim.label)));
  return h("div", { class: "tone" }, h("p", {}, t("entry.overall_mood"), control, note), panel);
}

/**
 * Labels side by side.
 *
 * @param {string} title
 * @param {ShownClaim[]} claims
 * @param {(label: string) => string} colour
 * @param {Evidence} evidence
 * @param {Child[]} note empty if the user did not correct them
 */
function chips(title, claims, colour, evidence, note) {
  if (claims.length === 0 && note.length === 0) return null;
  const built = claims.map((claim) => evidence.controls(claim, `chip ${colour(claim.label)}`, nameOf(claim.label)));
  const items = built.map(({ control }) => h("li", {}, control));
  const panels = built.map(({ panel }) => panel);
  const list = items.length > 0 ? h("ul", { "aria-label": title }, ...items) : h("p", {}, t("entry.none_2"));
  return h("div", { class: "chips" }, h("h3", {}, title), list, ...note, ...panels);
}
