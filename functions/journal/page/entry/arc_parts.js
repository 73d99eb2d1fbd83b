/** Parts of the emotional arc: captions, legend, gradients. */

import { h, svg } from "../common/dom.js";
import { dominantFamily, emotionTag, FAMILIES } from "../common/emotions.js";
import { clock, percent } from "../common/format.js";
import { mean } from "./curve.js";

/** @import { ArcPointView, Segment } from "../client/samo.js" */

/** @typedef {[number, number, string]} Place x, y and the family of emotions */

/** The mean position of a group, with its most common family. @param {Place[]} group @returns {Place} */
export function meanPlace(group) {
  const byFamily = Map.groupBy(group, ([, , family]) => family);
  const [family] = [...byFamily].reduce((most, entry) => (entry[1].length > most[1].length ? entry : most));
  return [mean(group.map(([x]) => x)), mean(group.map(([, y]) => y)), family];
}

/** The line's colours from left to right: one gradient for the line, one for the area below. @param {Place[]} line */
export function gradients(line) {
  const [x1, x2] = [line[0][0], line[line.length - 1][0]];
  const gradient = (/** @type {string} */ id) => {
    const stops = line.map(([x, , family]) => svg("stop", { class: family, offset: (x - x1) / (x2 - x1 || 1) }));
    return svg("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1, x2 }, ...stops);
  };
  return svg("defs", {}, gradient("arc-hues"), gradient("arc-fade"));
}

/** @param {ArcPointView} point */
export const position = ({ start, segment }) => (start === null ? `Sentence ${segment + 1}` : clock(start));

/** @param {ArcPointView} point @param {Segment} sentence */
export function describe(point, sentence) {
  const tags = point.emotions
    .slice(0, 3)
    .map(({ emotion, confidence }) => emotionTag(emotion, `${emotion} ${percent(confidence)}`));
  const emotions = tags.length > 0 ? tags : [emotionTag("neutral", "no clear emotion")];
  const note = point.corrected && h("span", { class: "changed" }, "changed by you");
  return [
    h("p", { class: "caption-head" }, h("span", { class: "when" }, position(point)), ...emotions, note),
    h("p", { class: "caption-text" }, sentence.text),
  ];
}

/** @param {ArcPointView[]} points */
export function legend(points) {
  const present = new Set(points.map(({ emotions }) => dominantFamily(emotions)));
  const families = Object.keys(FAMILIES).filter((family) => present.has(family));
  const items = families.map((family) => h("li", { class: `tag ${family}` }, family));
  return h("ul", { class: "legend", "aria-label": "Legend" }, ...items);
}
