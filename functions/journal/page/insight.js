/** What an entry came down to: summary, emotions overall, and why there is nothing where there is nothing. */

import { h } from "./dom.js";
import { family, mood } from "./emotions.js";
import { clock, percent } from "./format.js";

const EMPTY = {
  no_speech: ["No speech was heard", "The recording is kept, but there was nothing in it to turn into words. If you did speak, the microphone may have been muted or too far away."],
  no_words: ["There are no words in it", "It is kept just as it is; feelings and a summary are read from words."],
  unsupported_language: ["Only English is understood so far", "Your words are kept just as they are. Feelings and a summary can be read from English entries only."],
};

const MOST_EMOTIONS = 6;

export function emptyNotice(reason) {
  const [headline, explanation] = EMPTY[reason] ?? ["Nothing could be read from it", ""];
  return notice(headline, explanation);
}

export const notice = (headline, explanation, ...actions) =>
  h("div", { class: "notice" }, h("p", { class: "notice-head" }, headline), explanation && h("p", {}, explanation), ...actions);

/** The summary's own words; a summary made of quotes alone is shown as those quotes. */
export function summaryCard(summary, onPick) {
  const quoted = summary.quotes.map((quote) => quote.text).join(" ") === summary.text;
  return [
    h("h2", {}, "What it comes down to"),
    !quoted && h("p", { class: "summary" }, summary.text),
    summary.quotes.length > 0 && h("ul", { class: quoted ? "quotes summary" : "quotes" }, ...summary.quotes.map((quote) => quoteItem(quote, onPick))),
  ].filter(Boolean);
}

function quoteItem(quote, onPick) {
  const timed = typeof quote.start === "number";
  const when = timed ? h("span", { class: "when" }, clock(quote.start)) : null;
  const words = h("q", {}, quote.text);
  return h("li", {}, onPick ? h("button", { type: "button", class: "quote", onclick: () => onPick(quote.segment) }, words, " ", when) : [words, " ", when]);
}

export function emotionsCard(insight) {
  const strongest = [...insight.emotions].sort((a, b) => b.confidence - a.confidence).slice(0, MOST_EMOTIONS);
  const tone = insight.sentiment === null ? null : h("p", { class: "tone" }, "On the whole ", h("strong", {}, mood(insight.sentiment)), ".");
  return [
    h("h2", {}, "Emotions"),
    strongest.length ? h("ul", { class: "bars" }, ...strongest.map(bar)) : h("p", { class: "quiet-text" }, "None stands out clearly."),
    tone,
    named("Feelings", insight.feelings),
    named("About", insight.topics),
  ].filter(Boolean);
}

function bar({ emotion, confidence }) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("inline-size", percent(confidence));
  return h(
    "li",
    { class: family(emotion) },
    h("span", { class: "bar-name" }, emotion),
    h("span", { class: "track", "aria-hidden": "true" }, fill),
    h("span", { class: "bar-share" }, percent(confidence)),
  );
}

const named = (title, names) => (names.length ? h("p", { class: "tone" }, `${title}: ${names.join(", ")}`) : null);
