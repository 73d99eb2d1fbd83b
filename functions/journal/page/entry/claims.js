/** The claims of an insight; each opens the sentences it rests on. */

import { h } from "../common/dom.js";
import { clock } from "../common/format.js";
import { ownWords } from "../common/language.js";
import { label as nameOf, t } from "../texts/texts.js";

/** @import { Claim, InsightPart, InsightView, Segment } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

/** @typedef {Omit<Claim, "segments"> & { segments: number[] | null }} ShownClaim `segments` is null if it has no evidence to show */

/** @type {Record<string, InsightPart>} */
const PARTS = { emotion: "emotions", feeling: "feelings", topic: "topics", mood: "mood" };

const MAX_EMOTIONS = 4;
const MAX_FEELINGS = 3;

/**
 * The claims of an insight. What the user stated has no sentences, nor have the claims of entries that this
 * device stored before claims existed.
 *
 * @param {InsightView} insight
 * @returns {ShownClaim[]}
 */
export function claimsOf({ claims, corrected = [], emotions, feelings, topics }) {
  const isStated = (/** @type {Claim} */ { kind }) => corrected.includes(PARTS[kind]);
  if (claims) return claims.map((claim) => (isStated(claim) ? { ...claim, segments: null } : claim));
  const claim = (/** @type {ShownClaim["kind"]} */ kind, /** @type {string} */ label) => ({
    kind,
    label,
    strength: null,
    segments: null,
  });
  const named = emotions.filter(({ emotion }) => emotion !== "neutral").slice(0, MAX_EMOTIONS);
  return [
    ...(named.length > 0 ? named : emotions.slice(0, 1)).map(({ emotion }) => claim("emotion", emotion)),
    ...feelings.slice(0, MAX_FEELINGS).map(({ label }) => claim("feeling", label)),
    ...topics.map(({ label }) => claim("topic", label)),
  ];
}

/** Controls that open the sentences behind claims, one claim at a time. */
export class Evidence {
  #sentences;
  #onShow;
  #plays;
  /** @type {Map<HTMLElement, HTMLElement>} Panels by the button that opens them. */
  #panels = new Map();

  /**
   * @param {Segment[]} sentences
   * @param {(segment: number) => void} onShow called with the sentence that is chosen
   * @param {boolean} plays whether a chosen sentence is played
   */
  constructor(sentences, onShow, plays) {
    this.#sentences = sentences;
    this.#onShow = onShow;
    this.#plays = plays;
  }

  /**
   * A button and the panel that it opens. Without known sentences, plain text and no panel.
   *
   * @param {ShownClaim} claim
   * @param {string} classes
   * @param {Child[]} content
   * @returns {{ control: HTMLElement, panel: HTMLElement | null }}
   */
  controls({ kind, label, segments }, classes, ...content) {
    if (segments === null) return { control: h("span", { class: classes }, ...content), panel: null };
    const id = `evidence-${kind}-${label.replaceAll(" ", "-")}`;
    const panel = h("div", {
      class: "evidence",
      id,
      role: "group",
      "aria-label": t("entry.why", { label: nameOf(label) }),
      hidden: true,
    });
    const attributes = { type: "button", class: `claim ${classes}`, "aria-expanded": "false", "aria-controls": id };
    /** @type {HTMLElement} */
    const control = h("button", { ...attributes, onclick: () => this.#toggle(control) }, ...content);
    panel.append(this.#content(segments));
    this.#panels.set(control, panel);
    return { control, panel };
  }

  /** Open a claim's sentences and close the others, or close them. @param {HTMLElement} chosen */
  #toggle(chosen) {
    const opens = chosen.getAttribute("aria-expanded") === "false";
    for (const [control, panel] of this.#panels) {
      const open = opens && control === chosen;
      control.setAttribute("aria-expanded", String(open));
      panel.hidden = !open;
    }
  }

  /** @param {number[]} segments */
  #content(segments) {
    if (segments.length === 0) {
      return h("p", { class: "quiet-text" }, t("entry.this_comes_from_the_entry_as"));
    }
    return h("ul", {}, ...segments.map((segment) => h("li", {}, this.#sentence(segment))));
  }

  /** @param {number} segment */
  #sentence(segment) {
    const { text, start } = this.#sentences[segment];
    const time = typeof start === "number" && h("span", { class: "when" }, clock(start));
    const title = this.#plays ? t("entry.play_this_sentence") : t("entry.show_in_the_text");
    const attributes = { type: "button", class: "quote", title, onclick: () => this.#onShow(segment) };
    return h("button", attributes, h("q", ownWords(), text), time && " ", time);
  }
}
