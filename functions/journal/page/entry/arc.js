/** The emotional arc: sentiment over the course of an entry, one dot per sentence. */

import { h, svg } from "../common/dom.js";
import { dominantFamily, mood } from "../common/emotions.js";
import { clock } from "../common/format.js";
import { describe, gradients, legend, meanPlace, position } from "./arc_parts.js";
import { Curve, groupPoints } from "./curve.js";

/** @import { ArcPointView, Segment } from "../client/samo.js" */
/** @import { Place } from "./arc_parts.js" */

const MARGIN = { top: 26, right: 14, bottom: 46, left: 14 };
/** Inset of the first and last dots within the margins. */
const INSET = 6;
/** If dots are closer than this (in pixels), the line passes through the means of groups instead. */
const MIN_GAP = 6;
const TICK_STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900];
const OFF_SCREEN = -99;

export class Arc {
  #points;
  #sentences;
  #duration;
  #onPick;
  #chart = svg("svg", { class: "arc", role: "group", "aria-label": "Sentiment over the course of the entry" });
  #caption = h("div", { class: "caption" });
  /** @type {Curve | null} */
  #curve = null;
  #active = 0;
  /** @type {number | null} */
  #playhead = null;

  /**
   * @param {ArcPointView[]} points at least two
   * @param {Segment[]} sentences the transcript's segments
   * @param {number | null} duration in seconds; null if the sentences have no times
   * @param {(segment: number) => void} onPick called with the segment of a dot that is clicked
   */
  constructor(points, sentences, duration, onPick) {
    this.#points = points;
    this.#sentences = sentences;
    this.#duration = duration;
    this.#onPick = onPick;
    this.element = h("figure", { class: "arc-figure" }, this.#chart, this.#caption, legend(points));
    this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.#chart);
    this.highlight(0);
  }

  /** Make one segment's dot the active one. @param {number} segment */
  highlight(segment) {
    const index = this.#points.findIndex((point) => point.segment === segment);
    this.#active = Math.max(0, index);
    const point = this.#points[this.#active];
    this.#caption.replaceChildren(...describe(point, this.#sentences[point.segment]));
    for (const [position, dot] of this.#dots().entries()) this.#mark(dot, position);
  }

  /** Show the playback position in seconds; null hides it. @param {number | null} time */
  showPlayhead(time) {
    this.#playhead = time;
    const line = this.#chart.querySelector("line.playhead");
    const dot = this.#chart.querySelector("circle.playhead");
    if (!line || !dot || !this.#curve) return;
    const x = time === null ? OFF_SCREEN : this.#x(time);
    const y = time === null ? OFF_SCREEN : this.#curve.at(x);
    for (const name of ["x1", "x2"]) line.setAttribute(name, String(x));
    dot.setAttribute("cx", String(x));
    dot.setAttribute("cy", String(y));
  }

  /** @returns {SVGElement[]} */
  #dots() {
    return [...this.#chart.querySelectorAll(/** @type {"circle"} */ (".dot"))];
  }

  /** @param {SVGElement} dot @param {number} index */
  #mark(dot, index) {
    dot.classList.toggle("active", index === this.#active);
    dot.setAttribute("tabindex", index === this.#active ? "0" : "-1");
  }

  #listen() {
    this.#chart.addEventListener("pointermove", (event) => this.highlight(this.#nearest(event)));
    this.#chart.addEventListener("click", (event) => {
      const segment = this.#nearest(event);
      this.highlight(segment);
      this.#onPick(segment);
    });
    this.#chart.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.key in moves) {
      const index = Math.min(Math.max(this.#active + moves[event.key], 0), this.#points.length - 1);
      this.highlight(this.#points[index].segment);
      this.#dots()[index].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.#onPick(this.#points[this.#active].segment);
    } else return;
    event.preventDefault();
  }

  /** The segment whose dot is nearest. @param {MouseEvent} event */
  #nearest(event) {
    const x = event.clientX - this.#chart.getBoundingClientRect().left;
    const distance = (/** @type {number} */ index) => Math.abs(this.#position(index)[0] - x);
    const nearest = this.#points.reduce((best, _, index) => (distance(index) < distance(best) ? index : best), 0);
    return this.#points[nearest].segment;
  }

  get #width() {
    return this.#chart.clientWidth;
  }

  get #height() {
    return this.#chart.clientHeight;
  }

  /** @param {number} position a time or, without times, a sentence's index */
  #x(position) {
    const last = this.#duration ?? this.#points.length - 1;
    const width = this.#width - MARGIN.left - MARGIN.right - 2 * INSET;
    return MARGIN.left + INSET + (position / last) * width;
  }

  /** @param {number} sentiment */
  #y(sentiment) {
    return MARGIN.top + ((1 - sentiment) / 2) * (this.#height - MARGIN.top - MARGIN.bottom);
  }

  /** @param {number} index @returns {[number, number]} */
  #position(index) {
    const { start, sentiment } = this.#points[index];
    return [this.#x(this.#duration === null ? index : (start ?? 0)), this.#y(sentiment)];
  }

  #draw() {
    if (!this.#width) return;
    const focused = this.#chart.contains(document.activeElement);
    const places = this.#points.map(
      ({ emotions }, index) => /** @type {Place} */ ([...this.#position(index), dominantFamily(emotions)]),
    );
    const groups = groupPoints(places, MIN_GAP);
    const line = [...groups.map(meanPlace), ...this.#lastSentence(places)];
    this.#curve = new Curve(line.map(([x, y], index) => [x + index * 1e-3, y]));
    this.#chart.classList.toggle("dense", groups.length < places.length);
    const [top, bottom] = [MARGIN.top - 8, this.#height - MARGIN.bottom + 8];
    this.#chart.replaceChildren(
      gradients(line),
      ...this.#axes(),
      svg("path", { class: "area", d: this.#area(this.#curve, line), fill: "url(#arc-fade)" }),
      svg("path", { class: "line", d: this.#curve.path(), stroke: "url(#arc-hues)" }),
      svg("line", { class: "playhead", y1: top, y2: bottom, x1: OFF_SCREEN, x2: OFF_SCREEN }),
      svg("g", {}, ...places.map((place, index) => this.#dot(place, index))),
      svg("circle", { class: "playhead", r: 4, cx: OFF_SCREEN, cy: OFF_SCREEN }),
    );
    this.showPlayhead(this.#playhead);
    if (focused) this.#dots()[this.#active].focus();
  }

  /** @param {Place} place @param {number} index */
  #dot([cx, cy, family], index) {
    const point = this.#points[index];
    const label = this.#label(point);
    const dot = svg("circle", { class: `dot ${family}`, cx, cy, r: 5, role: "button", "aria-label": label });
    this.#mark(dot, index);
    dot.addEventListener("focus", () => this.highlight(point.segment));
    return dot;
  }

  /** @param {ArcPointView} point */
  #label(point) {
    const emotions = point.emotions.map(({ emotion }) => emotion).join(", ") || "no clear emotion";
    return `${position(point)}, ${emotions}, ${mood(point.sentiment)}: ${this.#sentences[point.segment].text}`;
  }

  /** A level segment at the end of a spoken entry's line, as long as its last sentence. @param {Place[]} places @returns {Place[]} */
  #lastSentence(places) {
    const { end } = this.#points[this.#points.length - 1];
    if (this.#duration === null || end === null) return [];
    const [x, y, family] = places[places.length - 1];
    const endX = this.#x(end);
    return endX > x + 1 ? [[endX, y, family]] : [];
  }

  /** @param {Curve} curve @param {Place[]} line */
  #area(curve, line) {
    const middle = this.#y(0);
    return `${curve.path()}L${line[line.length - 1][0]},${middle}L${line[0][0]},${middle}Z`;
  }

  #axes() {
    const [right, middle] = [this.#width - MARGIN.right, this.#y(0)];
    return [
      svg("line", { class: "middle", x1: MARGIN.left, x2: right, y1: middle, y2: middle }),
      svg("text", { class: "axis", x: MARGIN.left, y: 12 }, "more positive"),
      svg("text", { class: "axis", x: MARGIN.left, y: this.#height - 26 }, "more negative"),
      ...this.#ticks(),
    ];
  }

  #ticks() {
    const attributes = { class: "axis", y: this.#height - 6 };
    if (this.#duration === null) {
      return [
        svg("text", { ...attributes, x: MARGIN.left }, "first sentence"),
        svg("text", { ...attributes, x: this.#width - MARGIN.right, "text-anchor": "end" }, "last"),
      ];
    }
    const duration = this.#duration;
    const most = this.#width < 480 ? 4 : 8;
    const step = TICK_STEPS_S.find((seconds) => duration / seconds <= most) ?? 1800;
    const times = Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step);
    return times.map((time) => {
      const anchor = time === 0 ? "start" : "middle";
      return svg("text", { ...attributes, x: this.#x(time), "text-anchor": anchor }, clock(time));
    });
  }
}
