/** The emotional arc: sentiment over the course of an entry, one dot a sentence. */

import { Curve, grouped, mean } from "./curve.js";
import { h, svg } from "../common/dom.js";
import { FAMILIES, familyOf, mood, tag } from "../common/emotions.js";
import { clock, percent } from "../common/format.js";

const EDGE = { top: 26, right: 14, bottom: 46, left: 14 };
/** Closer than this (pixels) the line no longer passes through every dot but through their means. */
const GAP = 6;
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900];

export class Arc {
  #points;
  #sentences;
  #duration;
  #onPick;
  #chart = svg("svg", { class: "arc", role: "group", "aria-label": "Sentiment over the course of the entry" });
  #caption = h("div", { class: "caption" });
  #active = 0;
  #time = null;

  /**
   * `points`: at least two; `sentences` are the transcript's segments; `duration` in seconds, or null
   * where the sentences have no times. `onPick` hears the segment of a dot that was clicked.
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

  /** Show one segment's dot as the current one. */
  highlight(segment) {
    this.#active = Math.max(0, this.#points.findIndex((point) => point.segment === segment));
    const sentence = this.#sentences[this.#points[this.#active].segment];
    this.#caption.replaceChildren(...describe(this.#points[this.#active], sentence));
    this.#dots().forEach((dot, index) => this.#mark(dot, index));
  }

  /** Show the playing position, in seconds; null takes it away. */
  play(time) {
    this.#time = time;
    const [line, rider] = ["line.playhead", "circle.playhead"].map((part) => this.#chart.querySelector(part));
    if (!line) return;
    const x = time === null ? -99 : this.#x(time);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    rider.setAttribute("cx", x);
    rider.setAttribute("cy", time === null ? -99 : this.curve.at(x));
  }

  #dots() {
    return [...this.#chart.querySelectorAll(".dot")];
  }

  #mark(dot, index) {
    dot.classList.toggle("active", index === this.#active);
    dot.setAttribute("tabindex", index === this.#active ? 0 : -1);
  }

  #listen() {
    this.#chart.addEventListener("pointermove", (event) => this.highlight(this.#nearest(event)));
    this.#chart.addEventListener("click", (event) => {
      const segment = this.#nearest(event);
      this.highlight(segment);
      this.#onPick(segment);
    });
    this.#chart.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
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

  #nearest(event) {
    const x = event.clientX - this.#chart.getBoundingClientRect().left;
    const distance = (index) => Math.abs(this.#position(index)[0] - x);
    const best = this.#points.reduce((near, _, index) => (distance(index) < distance(near) ? index : near), 0);
    return this.#points[best].segment;
  }

  get #width() {
    return this.#chart.clientWidth;
  }

  get #height() {
    return this.#chart.clientHeight;
  }

  #x(place) {
    const last = this.#duration ?? this.#points.length - 1;
    return EDGE.left + 6 + (place / last) * (this.#width - EDGE.left - EDGE.right - 12);
  }

  #y(sentiment) {
    return EDGE.top + ((1 - sentiment) / 2) * (this.#height - EDGE.top - EDGE.bottom);
  }

  #position(index) {
    const { start, sentiment } = this.#points[index];
    return [this.#x(this.#duration === null ? index : start), this.#y(sentiment)];
  }

  #draw() {
    if (!this.#width) return;
    const focused = this.#chart.contains(document.activeElement);
    const places = this.#points.map((_, index) => [...this.#position(index), familyOf(this.#points[index].emotions)]);
    const groups = grouped(places, GAP);
    const line = [...groups.map(averaged), ...this.#outro(places)];
    this.curve = new Curve(line.map(([x, y], index) => [x + index * 1e-3, y]));
    this.#chart.classList.toggle("dense", groups.length < places.length);
    this.#chart.replaceChildren(
      gradient(line),
      ...this.#axes(),
      svg("path", { class: "area", d: this.#area(line), fill: "url(#arc-fade)" }),
      svg("path", { class: "line", d: this.curve.path(), stroke: "url(#arc-hues)" }),
      svg("line", { class: "playhead", y1: EDGE.top - 8, y2: this.#height - EDGE.bottom + 8, x1: -99, x2: -99 }),
      svg("g", {}, ...places.map((place, index) => this.#dot(place, index))),
      svg("circle", { class: "playhead", r: 4, cx: -99, cy: -99 }),
    );
    this.play(this.#time);
    if (focused) this.#dots()[this.#active].focus();
  }

  #dot([cx, cy, hue], index) {
    const point = this.#points[index];
    const dot = svg("circle", { class: `dot ${hue}`, cx, cy, r: 5, role: "button", "aria-label": this.#label(point) });
    this.#mark(dot, index);
    dot.addEventListener("focus", () => this.highlight(point.segment));
    return dot;
  }

  #label(point) {
    const when = point.start === null ? `Sentence ${point.segment + 1}` : clock(point.start);
    const felt = point.emotions.map(({ emotion }) => emotion).join(", ") || "no clear emotion";
    return `${when}, ${felt}, ${mood(point.sentiment)}: ${this.#sentences[point.segment].text}`;
  }

  /** A spoken line goes on, level, until its last sentence ends. */
  #outro(places) {
    if (this.#duration === null) return [];
    const [x, y, hue] = places.at(-1);
    const end = this.#x(this.#points.at(-1).end);
    return end > x + 1 ? [[end, y, hue]] : [];
  }

  #area(line) {
    const middle = this.#y(0);
    return `${this.curve.path()}L${line.at(-1)[0]},${middle}L${line[0][0]},${middle}Z`;
  }

  #axes() {
    const [right, middle] = [this.#width - EDGE.right, this.#y(0)];
    return [
      svg("line", { class: "middle", x1: EDGE.left, x2: right, y1: middle, y2: middle }),
      svg("text", { class: "axis", x: EDGE.left, y: 12 }, "brighter"),
      svg("text", { class: "axis", x: EDGE.left, y: this.#height - 26 }, "heavier"),
      ...this.#ticks(),
    ];
  }

  #ticks() {
    const y = this.#height - 6;
    if (this.#duration === null) {
      const ends = { class: "axis", y };
      return [
        svg("text", { ...ends, x: EDGE.left }, "first sentence"),
        svg("text", { ...ends, x: this.#width - EDGE.right, "text-anchor": "end" }, "last"),
      ];
    }
    const most = this.#width < 480 ? 4 : 8;
    const step = STEPS.find((seconds) => this.#duration / seconds <= most) ?? 1800;
    const times = Array.from({ length: Math.floor(this.#duration / step) + 1 }, (_, index) => index * step);
    return times.map((at) => {
      const anchor = at === 0 ? "start" : "middle";
      return svg("text", { class: "axis", x: this.#x(at), y, "text-anchor": anchor }, clock(at));
    });
  }
}

/** A group of places as one: the mean of their positions, the hue most of them have. */
function averaged(group) {
  const counts = Map.groupBy(group, ([, , hue]) => hue);
  const [hue] = [...counts].reduce((most, entry) => (entry[1].length > most[1].length ? entry : most));
  return [mean(group.map(([x]) => x)), mean(group.map(([, y]) => y)), hue];
}

/** The line's hues from left to right; once to draw it with, once for the area below. */
function gradient(line) {
  const [x1, x2] = [line[0][0], line.at(-1)[0]];
  const stops = () => line.map(([x, , hue]) => svg("stop", { class: hue, offset: (x - x1) / (x2 - x1 || 1) }));
  const across = (id) => svg("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1, x2 }, ...stops());
  return svg("defs", {}, across("arc-hues"), across("arc-fade"));
}

function describe(point, sentence) {
  const when = point.start === null ? `Sentence ${point.segment + 1}` : clock(point.start);
  const felt = point.emotions.map(({ emotion, confidence }) => tag(emotion, `${emotion} ${percent(confidence)}`));
  const tags = felt.length ? felt.slice(0, 3) : [tag("neutral", "no clear emotion")];
  return [
    h("p", { class: "caption-head" }, h("span", { class: "when" }, when), ...tags),
    h("p", { class: "caption-text" }, sentence.text),
  ];
}

function legend(points) {
  const present = new Set(points.map((point) => familyOf(point.emotions)));
  const entries = Object.keys(FAMILIES).filter((family) => present.has(family));
  const items = entries.map((family) => h("li", { class: `tag ${family}` }, family));
  return h("ul", { class: "legend", "aria-label": "Colours" }, ...items);
}
