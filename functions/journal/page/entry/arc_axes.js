/** The axes of the emotional arc. */

import { svg } from "../common/dom.js";
import { clock } from "../common/format.js";
import { t } from "../texts/texts.js";

/** @typedef {{ top: number, right: number, bottom: number, left: number }} Margin */

const TICK_STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900];

/** @param {number} width @param {number} height @param {Margin} margin @param {number} middle */
export function axes(width, height, margin, middle) {
  return [
    svg("line", { class: "middle", x1: margin.left, x2: width - margin.right, y1: middle, y2: middle }),
    svg("text", { class: "axis", x: margin.left, y: 12 }, t("entry.more_positive")),
    svg("text", { class: "axis", x: margin.left, y: height - 26 }, t("entry.more_negative")),
  ];
}

/**
 * The ends of a written entry, or times of a spoken one.
 *
 * @param {number} width
 * @param {number} height
 * @param {Margin} margin
 * @param {number | null} duration
 * @param {(time: number) => number} x
 */
export function ticks(width, height, margin, duration, x) {
  const attributes = { class: "axis", y: height - 6 };
  if (duration === null) {
    return [
      svg("text", { ...attributes, x: margin.left }, t("entry.first_sentence")),
      svg("text", { ...attributes, x: width - margin.right, "text-anchor": "end" }, "last"),
    ];
  }
  const most = width < 480 ? 4 : 8;
  const step = TICK_STEPS_S.find((seconds) => duration / seconds <= most) ?? 1800;
  const times = Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step);
  return times.map((time) => {
    const anchor = time === 0 ? "start" : "middle";
    return svg("text", { ...attributes, x: x(time), "text-anchor": anchor }, clock(time));
  });
}
