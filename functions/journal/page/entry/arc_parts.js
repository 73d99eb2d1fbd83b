/** Parts of the emotional arc: captions, legend, gradients. */

import { h, svg } from "../common/dom.js";
import { emotionTag, FAMILIES, mood } from "../common/emotions.js";
import { clock } from "../common/format.js";
import { ownWords } from "../common/language.js";
import { label, t } from "../texts/texts.js";

/** @import { ArcPointView, Segment } from "../client/samo.js" */
/** @import { Curve } from "./curve.js" */
/** @import { Stop } from "./turns.js" */

/** @typedef {[number, number, string]} Place x, y and the family of emotions */

const MAX_NAMED = 3;
/** Number of places that colour the line of a long entry: with more, its colours change abruptly. */
const MAX_COLOURS = 12;

/** The line's colours from left to right: one gradient for the line, one for the area below. @param {Place[]} line @param {boolean} isLong */
export function gradients(line, isLong) {
  const [x1, x2] = [line[0][0], line[line.length - 1][0]];
  const step = isLong ? Math.ceil(line.length / MAX_COLOURS) : 1;
  const thinned = line.filter((_, index) => index % step === 0 || index === line.length - 1);
  const gradient = (/** @type {string} */ id) => {
    const stops = thinned.map(([x, , family]) => svg("stop", { class: family, offset: (x - x1) / (x2 - x1 || 1) }));
    return svg("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1, x2 }, ...stops);
  };
  return svg("defs", {}, gradient("arc-hues"), gradient("arc-fade"));
}

/** The area between the line and the middle, as SVG path data. @param {Curve} curve @param {Place[]} line @param {number} middle */
export const area = (curve, line, middle) =>
  `${curve.path()}L${line[line.length - 1][0]},${middle}L${line[0][0]},${middle}Z`;

/** @param {ArcPointView} point */
export const position = ({ start, segment }) =>
  start === null ? t("entry.sentence", { segment: segment + 1 }) : clock(start);

/** What a sentence expresses. @param {ArcPointView} point @param {Segment} sentence */
export function describe(point, sentence) {
  const emotions = point.emotions.map(({ emotion }) => emotion);
  const note = point.corrected && h("span", { class: "changed" }, t("entry.changed_by_you"));
  return [
    h("p", { class: "caption-head" }, h("span", { class: "when" }, position(point)), ...emotionTags(emotions), note),
    h("p", { class: "caption-text", ...ownWords() }, sentence.text),
  ];
}

/**
 * A turning point, and buttons with the sentences behind it.
 *
 * @param {Stop} stop
 * @param {ArcPointView} point
 * @param {Segment[]} sentences
 * @param {(segment: number) => void} onShow
 */
export function describeTurn({ name, sentiment, emotions, segments }, point, sentences, onShow) {
  const buttons = segments.map((segment) =>
    h(
      "button",
      { type: "button", class: "quote", onclick: () => onShow(segment) },
      h("q", ownWords(), sentences[segment].text),
    ),
  );
  return [
    h(
      "p",
      { class: "caption-head" },
      h("span", { class: "when" }, position(point)),
      h("strong", {}, `${name}: ${label(mood(sentiment))}`),
      ...emotionTags(emotions),
    ),
    h("ul", { class: "caption-quotes" }, ...buttons.map((button) => h("li", {}, button))),
  ];
}

/** @param {string[]} emotions */
function emotionTags(emotions) {
  const named = emotions.filter((emotion) => emotion !== "neutral").slice(0, MAX_NAMED);
  return named.length > 0
    ? named.map((name) => emotionTag(name))
    : [emotionTag("neutral", t("entry.no_clear_emotion"))];
}

/** A stop in words, for screen readers. @param {Stop} stop @param {ArcPointView} point @param {Segment[]} sentences */
export function labelOf({ name, sentiment, emotions, segments }, point, sentences) {
  const named = emotions.filter((emotion) => emotion !== "neutral").slice(0, MAX_NAMED);
  const heading = [
    name,
    position(point),
    named.map(label).join(", ") || t("entry.no_clear_emotion"),
    label(mood(sentiment)),
  ];
  return `${heading.filter(Boolean).join(", ")}: ${segments.map((segment) => sentences[segment].text).join(" ")}`;
}

/** @param {string[]} present families */
export function legend(present) {
  const families = Object.keys(FAMILIES).filter((family) => present.includes(family));
  const items = families.map((family) => h("li", { class: `tag ${family}` }, label(family)));
  return h("ul", { class: "legend", "aria-label": t("common.legend") }, ...items);
}
