/**
 * The emotional arc: sentiment over the course of an entry. A short entry has one dot per sentence; a long one has a
 * smoothed curve with a dot at the beginning, at every turning point and at the end.
 */

import { h, svg } from "../common/dom.js";
import { t } from "../texts/texts.js";
import { axes, ticks } from "./arc_axes.js";
import { area, describe, describeTurn, gradients, labelOf, legend } from "./arc_parts.js";
import { Curve } from "./curve.js";
import { everySentence, isLong, smooth, turningPoints } from "./turns.js";

/** @import { ArcPointView, Segment } from "../client/samo.js" */
/** @import { Place } from "./arc_parts.js" */

const MARGIN = { top: 26, right: 14, bottom: 46, left: 14 };
/** Inset of the first and last dots within the margins. */
const INSET = 6;
/** How near the pointer must be to a turning point, in pixels. */
const REACH = 16;
const OFF_SCREEN = -99;

/**
 * @typedef {object} Listener
 * @property {(segment: number) => void} onPick called with the sentence at a place that is clicked
 * @property {(segment: number) => void} onShow called with a sentence that is chosen by its words
 */

export class Arc {
  #points;
  #sentences;
  #duration;
  #listener;
  #isLong;
  #line;
  #stops;
  #chart = svg("svg", { class: "arc", role: "group", "aria-label": t("entry.sentiment_over_the_course_of_the") });
  #caption = h("div", { class: "caption" });
  /** @type {Curve | null} */
  #curve = null;
  /** The stop that the keyboard reaches. */
  #current = 0;
  /** Whether the caption describes that stop, not another sentence of a long entry. */
  #described = true;
  /** @type {number | null} */
  #playhead = null;

  /**
   * @param {ArcPointView[]} points at least two
   * @param {Segment[]} sentences the transcript's segments
   * @param {number | null} duration in seconds; null if the sentences have no times
   * @param {Listener} listener
   */
  constructor(points, sentences, duration, listener) {
    this.#points = points;
    this.#sentences = sentences;
    this.#duration = duration;
    this.#listener = listener;
    this.#isLong = isLong(points);
    const each = everySentence(points);
    this.#line = this.#isLong ? smooth(points) : each;
    this.#stops = this.#isLong ? turningPoints(points, this.#line) : each;
    this.#chart.classList.toggle("long", this.#isLong);
    this.#caption.classList.toggle("of-turns", this.#isLong);
    const families = this.#line.map(({ family }) => family);
    this.element = h("figure", { class: "arc-figure" }, this.#chart, this.#caption, legend(families));
    this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.#chart);
    this.#describe(0);
  }

  /** Describe one sentence. @param {number} segment */
  highlight(segment) {
    const index = this.#points.findIndex((point) => point.segment === segment);
    if (!this.#isLong) this.#describe(Math.max(0, index));
    else if (index >= 0) this.#describeSentence(this.#points[index]);
  }

  /** Of a long entry, unless a button in the caption has the focus. @param {ArcPointView} point */
  #describeSentence(point) {
    if (this.#caption.contains(document.activeElement)) return;
    this.#described = false;
    this.#caption.replaceChildren(...describe(point, this.#sentences[point.segment]));
    this.#markAll();
  }

  /** @param {number} index of a stop */
  #describe(index) {
    if (this.#isLong && this.#described && index === this.#current && this.#caption.hasChildNodes()) return;
    [this.#current, this.#described] = [index, true];
    const stop = this.#stops[index];
    const point = this.#points[stop.index];
    const { onShow } = this.#listener;
    const content = stop.name
      ? describeTurn(stop, point, this.#sentences, onShow)
      : describe(point, this.#sentences[point.segment]);
    this.#caption.replaceChildren(...content);
    this.#markAll();
  }

  #markAll() {
    for (const [index, dot] of this.#dots().entries()) this.#mark(dot, index);
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
    dot.classList.toggle("active", this.#described && index === this.#current);
    dot.setAttribute("tabindex", index === this.#current ? "0" : "-1");
  }

  #listen() {
    this.#chart.addEventListener("pointermove", (event) => {
      const stop = this.#stopNear(event);
      if (stop !== null) this.#describe(stop);
    });
    this.#chart.addEventListener("click", (event) => {
      const stop = this.#stopNear(event);
      if (stop !== null) this.#describe(stop);
      if (stop === null || !this.#isLong) this.#listener.onPick(this.#sentenceNear(event));
    });
    this.#chart.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.key in moves) {
      const index = Math.min(Math.max(this.#current + moves[event.key], 0), this.#stops.length - 1);
      this.#describe(index);
      this.#dots()[index].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      if (this.#isLong) this.#caption.querySelector("button")?.focus();
      else this.#listener.onPick(this.#stops[this.#current].segments[0]);
    } else return;
    event.preventDefault();
  }

  /** The stop that the pointer means: the nearest; of a long entry only if it is near. @param {MouseEvent} event */
  #stopNear(event) {
    const indices = this.#stops.map(({ index }) => index);
    const nearest = this.#nearest(event, indices);
    const isNear = !this.#isLong || this.#distance(event, indices[nearest]) <= REACH;
    return isNear ? nearest : null;
  }

  /** The segment of the sentence that is nearest to the pointer. @param {MouseEvent} event */
  #sentenceNear(event) {
    return this.#points[this.#nearest(event, [...this.#points.keys()])].segment;
  }

  /** Which of these points is nearest to the pointer. @param {MouseEvent} event @param {number[]} indices */
  #nearest(event, indices) {
    const distances = indices.map((index) => this.#distance(event, index));
    return distances.indexOf(Math.min(...distances));
  }

  /** In pixels, from left to right. @param {MouseEvent} event @param {number} index */
  #distance(event, index) {
    return Math.abs(this.#position(index)[0] - (event.clientX - this.#chart.getBoundingClientRect().left));
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
    const { start } = this.#points[index];
    return [this.#x(this.#duration === null ? index : (start ?? 0)), this.#y(this.#line[index].sentiment)];
  }

  #draw() {
    if (!this.#width) return;
    const focused = this.#chart.contains(document.activeElement);
    const places = this.#line.map(({ family }, index) => /** @type {Place} */ ([...this.#position(index), family]));
    const line = [...places, ...this.#lastSentence(places)];
    this.#curve = new Curve(line.map(([x, y], index) => [x + index * 1e-3, y]));
    const [top, bottom] = [MARGIN.top - 8, this.#height - MARGIN.bottom + 8];
    this.#chart.replaceChildren(
      gradients(line, this.#isLong),
      ...axes(this.#width, this.#height, MARGIN, this.#y(0)),
      ...ticks(this.#width, this.#height, MARGIN, this.#duration, (time) => this.#x(time)),
      svg("path", { class: "area", d: area(this.#curve, line, this.#y(0)), fill: "url(#arc-fade)" }),
      svg("path", { class: "line", d: this.#curve.path(), stroke: "url(#arc-hues)" }),
      svg("line", { class: "playhead", y1: top, y2: bottom, x1: OFF_SCREEN, x2: OFF_SCREEN }),
      svg("g", {}, ...this.#stops.map((_, index) => this.#dot(index))),
      svg("circle", { class: "playhead", r: 4, cx: OFF_SCREEN, cy: OFF_SCREEN }),
    );
    this.showPlayhead(this.#playhead);
    if (focused) this.#dots()[this.#current].focus();
  }

  /** @param {number} index of a stop */
  #dot(index) {
    const stop = this.#stops[index];
    const [cx, cy] = this.#position(stop.index);
    const label = labelOf(stop, this.#points[stop.index], this.#sentences);
    const dot = svg("circle", { class: `dot ${stop.family}`, cx, cy, r: 5, role: "button", "aria-label": label });
    this.#mark(dot, index);
    dot.addEventListener("focus", () => this.#describe(index));
    return dot;
  }

  /** A level segment at the end of a spoken entry's line, as long as its last sentence. @param {Place[]} places @returns {Place[]} */
  #lastSentence(places) {
    const { end } = this.#points[this.#points.length - 1];
    if (this.#duration === null || end === null) return [];
    const [x, y, family] = places[places.length - 1];
    const endX = this.#x(end);
    return endX > x + 1 ? [[endX, y, family]] : [];
  }
}
