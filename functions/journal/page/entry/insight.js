/** The insight of an entry: its summary, emotions, feelings and topics, or why there is none. */

import { h } from "../common/dom.js";
import { emotionFamily, emotionTag, feelingFamily, mood, strongestEmotion } from "../common/emotions.js";
import { clock, percent } from "../common/format.js";

/** @import { EmotionScore, InsightView, LabelScore, Quote, Summary } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */
/** @import { FeedbackControls } from "./feedback.js" */

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

/**
 * Show an extractive summary as quotes, an abstractive one above the sentences it is based on.
 *
 * @param {Summary} summary
 * @param {((segment: number) => void) | null} onPick plays a sentence
 */
export function summaryCard(summary, onPick) {
  const written = summary.style === "abstract";
  const quotes = (summary.quotes ?? []).map((quote) => h("li", {}, ...quoteContent(quote, onPick)));
  const reason = summary.fallback_reason;
  return [
    h("h2", {}, summary.title ?? "Summary"),
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

/** @param {InsightView} insight @param {FeedbackControls | null} feedback null if it cannot be given */
export function emotionsCard(insight, feedback) {
  const scores = [...insight.emotions].sort((a, b) => b.confidence - a.confidence).slice(0, MAX_EMOTIONS);
  const bars = h("ul", { class: "bars" }, ...scores.map((score) => bar(score, feedback)));
  return [
    h("h2", {}, "Emotions"),
    scores.length > 0 ? bars : h("p", { class: "quiet-text" }, "No emotion stands out."),
    scores.length > 0 && feedback?.toggle,
    insight.sentiment !== null &&
      h("p", { class: "tone" }, "Overall sentiment: ", h("strong", {}, mood(insight.sentiment))),
    chips("Feelings", insight.feelings, feelingFamily),
    chips("Topics", insight.topics, () => "topic"),
  ];
}

/** @param {EmotionScore} score @param {FeedbackControls | null} feedback */
function bar({ emotion, confidence }, feedback) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("inline-size", percent(confidence));
  return h(
    "li",
    { class: emotionFamily(emotion) },
    h("span", { class: "bar-name" }, emotion),
    h("span", { class: "track", "aria-hidden": "true" }, fill),
    h("span", { class: "bar-share" }, percent(confidence)),
    feedback?.verdict(emotion),
    feedback?.choices(emotion),
  );
}

/** Labels side by side, most confident first. @param {string} title @param {LabelScore[]} scores @param {(label: string) => string} colour */
function chips(title, scores, colour) {
  if (scores.length === 0) return null;
  const items = scores.map(({ label }) => h("li", { class: `chip ${colour(label)}` }, label));
  return h("div", { class: "chips" }, h("h3", {}, title), h("ul", { "aria-label": title }, ...items));
}
