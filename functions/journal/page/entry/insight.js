/** What an entry came down to: summary, emotions overall, feelings, topics, and why there is nothing where there is nothing. */

import { h } from "../common/dom.js";
import { family, feelingFamily, mood, tag, telling } from "../common/emotions.js";
import { clock, percent } from "../common/format.js";

const EMPTY = {
  no_speech: [
    "No speech was heard",
    "There was nothing in the recording to turn into words. If you did speak, the microphone may have been muted.",
  ],
  no_words: ["There are no words in it", "It is kept just as it is; feelings and a summary are read from words."],
  unsupported_language: [
    "Only English is understood so far",
    "Your words are kept just as they are. Feelings and a summary can be read from English entries only.",
  ],
};

const MOST_EMOTIONS = 6;

export function emptyNotice(reason) {
  const [headline, explanation] = EMPTY[reason] ?? ["Nothing could be read from it", ""];
  return notice(headline, explanation);
}

export const notice = (headline, explanation, ...actions) =>
  h(
    "div",
    { class: "notice" },
    h("p", { class: "notice-head" }, headline),
    explanation && h("p", {}, explanation),
    ...actions,
  );

const FALLBACK = {
  not_installed: "It is in your own sentences, as no model that writes new ones is installed.",
  nothing_written: "It is in your own sentences, as no others came to mind.",
};
const NOT_TRUSTED = "It is in your own sentences: a version in new words said something that you did not.";

/** Extracts are shown as the quotes they are; new words above the sentences that say the same. */
export function summaryCard(summary, onPick) {
  const written = summary.style === "abstract";
  const items = summary.quotes.map((quote) => h("li", {}, ...quoteParts(quote, onPick)));
  const reason = summary.fallback_reason;
  return [
    h("h2", {}, summary.title ?? "What it comes down to"),
    written && h("p", { class: "summary" }, summary.text),
    written && items.length > 0 && h("h3", {}, "In your own words"),
    items.length > 0 && h("ul", { class: written ? "quotes" : "quotes summary" }, ...items),
    reason && h("p", { class: "quiet-text" }, FALLBACK[reason] ?? NOT_TRUSTED),
  ];
}

function quoteParts(quote, onPick) {
  const when = typeof quote.start === "number" && h("span", { class: "when" }, clock(quote.start));
  const felt = telling(quote.emotions ?? []);
  const said = [h("q", {}, quote.text), " ", when];
  const picked = onPick
    ? h("button", { type: "button", class: "quote", onclick: () => onPick(quote.segment) }, ...said)
    : h("span", {}, ...said);
  return [picked, felt && " ", felt && tag(felt.emotion)];
}

/** `feedback`: {word, ask, toggle} of the person's own view on each emotion; null where it cannot be given. */
export function emotionsCard(insight, feedback = null) {
  const strongest = [...insight.emotions].sort((a, b) => b.confidence - a.confidence).slice(0, MOST_EMOTIONS);
  const bars = h("ul", { class: "bars" }, ...strongest.map((score) => bar(score, feedback)));
  const nothing = h("p", { class: "quiet-text" }, "None stands out clearly.");
  return [
    h("h2", {}, "Emotions"),
    strongest.length ? bars : nothing,
    strongest.length > 0 && feedback?.toggle,
    insight.sentiment !== null && tone(insight.sentiment),
    chips("Felt", insight.feelings, feelingFamily),
    chips("About", insight.topics, () => "topic"),
  ];
}

const tone = (sentiment) => h("p", { class: "tone" }, "On the whole ", h("strong", {}, mood(sentiment)), ".");

function bar({ emotion, confidence }, feedback) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("inline-size", percent(confidence));
  return h(
    "li",
    { class: family(emotion) },
    h("span", { class: "bar-name" }, emotion),
    h("span", { class: "track", "aria-hidden": "true" }, fill),
    h("span", { class: "bar-share" }, percent(confidence)),
    feedback?.word(emotion),
    feedback?.ask(emotion),
  );
}

/** Labels side by side, surest first; nothing where there are none. */
function chips(title, scores, kind) {
  if (!scores.length) return null;
  const items = scores.map(({ label }) => h("li", { class: `chip ${kind(label)}` }, label));
  return h("div", { class: "chips" }, h("h3", {}, title), h("ul", { "aria-label": title }, ...items));
}
