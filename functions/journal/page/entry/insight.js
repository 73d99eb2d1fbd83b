/** The insight of an entry: its summary, emotions, feelings and topics, or why there is none. */

import { h } from "../common/dom.js";
import { emotionFamily, emotionTag, feelingFamily, mood, strongestEmotion } from "../common/emotions.js";
import { clock, percent } from "../common/format.js";

/** @import { EmotionScore, EntryView, InsightPart, InsightView, LabelScore, Quote, Summary } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

/** @type {Record<string, [string, string]>} */
const EMPTY = {
  no_speech: ["No speech detected", "The recording contains no speech. The microphone may have been muted."],
  no_words: ["No words to analyse", "The entry is stored as it is. Emotions and a summary need words."],
  unsupported_language: [
    "Only English is supported so far",
    "Your text is stored as it is. Emotions and summaries are available for English entries only.",
  ],
};

const MAX_EMOTIONS = 6;

/** @param {string} reason */
export function emptyNotice(reason) {
  const [headline, explanation] = EMPTY[reason] ?? ["There is no insight for this entry", ""];
  return notice(headline, explanation);
}

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
  not_installed: "Quoted from your entry: no model for written summaries is installed.",
  nothing_written: "Quoted from your entry: the model wrote no summary.",
};
const UNFAITHFUL = "Quoted from your entry: the written summary contained something you did not say.";

/** Whether there is an insight to show or to correct. @param {EntryView} entry */
export function hasInsight({ status, insight, transcript }) {
  if ((insight.arc?.length ?? 0) > 0 || (insight.corrected?.length ?? 0) > 0) return true;
  return (status === "ready" || status === "partial") && transcript !== null && insight.empty_reason === null;
}

/**
 * The title and the summary: an extractive one as quotes, an abstractive one above the sentences it is based on.
 *
 * @param {InsightView} insight
 * @param {((segment: number) => void) | null} onPick plays a sentence
 */
export function summaryCard(insight, onPick) {
  const { summary } = insight;
  const title = insight.title ?? summary?.title;
  if (!summary && !title) return null;
  return [
    h("h2", {}, title ?? "Summary", changed(insight, "title")),
    ...(summary ? summaryContent(summary, onPick) : []),
  ];
}

/** Says that the user corrected a part. @param {InsightView} insight @param {InsightPart} part */
const changed = ({ corrected }, part) =>
  corrected?.includes(part) ? [" ", h("span", { class: "changed" }, "changed by you")] : [];

/** @param {Summary} summary @param {((segment: number) => void) | null} onPick */
function summaryContent(summary, onPick) {
  const written = summary.style === "abstract";
  const quotes = (summary.quotes ?? []).map((quote) => h("li", {}, ...quoteContent(quote, onPick)));
  const reason = summary.fallback_reason;
  return [
    written && h("p", { class: "summary" }, summary.text),
    written && quotes.length > 0 && h("h3", {}, "In your own words"),
    quotes.length > 0 && h("ul", { class: written ? "quotes" : "quotes summary" }, ...quotes),
    reason && h("p", { class: "quiet-text" }, FALLBACK_REASONS[reason] ?? UNFAITHFUL),
  ];
}

/** @param {Quote} quote @param {((segment: number) => void) | null} onPick */
function quoteContent(quote, onPick) {
  const time = typeof quote.start === "number" && h("span", { class: "when" }, clock(quote.start));
  const content = [h("q", {}, quote.text), " ", time];
  const emotion = strongestEmotion(quote.emotions ?? [])?.emotion;
  const line = onPick
    ? h("button", { type: "button", class: "quote", onclick: () => onPick(quote.segment) }, ...content)
    : h("span", {}, ...content);
  return [line, emotion && " ", emotion && emotionTag(emotion)];
}

/** @param {InsightView} insight @param {Child} toggle opens the corrections */
export function emotionsCard(insight, toggle) {
  const { sentiment } = insight;
  const word = h("strong", {}, sentiment === null ? "none" : mood(sentiment));
  const tone = h("p", { class: "tone" }, "Overall sentiment: ", word, changed(insight, "mood"));
  return [
    h("h2", {}, "Emotions", changed(insight, "emotions")),
    emotionList(insight),
    (sentiment !== null || insight.corrected?.includes("mood")) && tone,
    chips("Feelings", insight.feelings, feelingFamily, changed(insight, "feelings")),
    chips("Topics", insight.topics, () => "topic", changed(insight, "topics")),
    toggle,
  ];
}

/** Bars for what models found; what the user stated is not a matter of degree. @param {InsightView} insight */
function emotionList({ emotions, corrected }) {
  if (emotions.length === 0) return h("p", { class: "quiet-text" }, "No emotion stands out.");
  if (corrected?.includes("emotions")) {
    const stated = emotions.map(({ emotion }) => h("li", { class: `chip ${emotionFamily(emotion)}` }, emotion));
    return h("ul", { class: "stated", "aria-label": "Emotions" }, ...stated);
  }
  const scores = [...emotions].sort((a, b) => b.confidence - a.confidence).slice(0, MAX_EMOTIONS);
  return h("ul", { class: "bars" }, ...scores.map((score) => bar(score)));
}

/** @param {EmotionScore} score */
function bar({ emotion, confidence }) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("inline-size", percent(confidence));
  return h(
    "li",
    { class: emotionFamily(emotion) },
    h("span", { class: "bar-name" }, emotion),
    h("span", { class: "track", "aria-hidden": "true" }, fill),
    h("span", { class: "bar-share" }, percent(confidence)),
  );
}

/**
 * Labels side by side, most confident first.
 *
 * @param {string} title
 * @param {LabelScore[]} scores
 * @param {(label: string) => string} colour
 * @param {Child[]} note empty if the user did not correct them
 */
function chips(title, scores, colour, note) {
  if (scores.length === 0 && note.length === 0) return null;
  const items = scores.map(({ label }) => h("li", { class: `chip ${colour(label)}` }, label));
  const list = items.length > 0 ? h("ul", { "aria-label": title }, ...items) : h("p", {}, "none");
  return h("div", { class: "chips" }, h("h3", {}, title), list, ...note);
}
