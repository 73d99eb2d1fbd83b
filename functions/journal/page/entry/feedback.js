/** The user's feedback on detected emotions: agree, disagree, or correct. */

import { alertText, announce, button, h } from "../common/dom.js";
import { FAMILIES } from "../common/emotions.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";

/** @import { EntryView, NewFeedback } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

/**
 * @typedef {object} FeedbackControls controls shown beside the emotions
 * @property {(emotion: string) => Child} verdict
 * @property {(emotion: string) => Child} choices
 * @property {HTMLElement} toggle
 */

const EMOTIONS = Object.values(FAMILIES)
  .flat()
  .filter((emotion) => emotion !== "neutral")
  .sort();

export class Feedback {
  #open = false;
  #problem = "";
  #onChange;

  /** @param {(entry: EntryView) => void} onChange called with the entry after feedback was saved */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** The state that the controls depend on. */
  get state() {
    return [this.#open, this.#problem];
  }

  close() {
    [this.#open, this.#problem] = [false, ""];
  }

  /** @param {EntryView} entry @param {() => void} redraw @returns {FeedbackControls} */
  controls(entry, redraw) {
    const ofEntry = entry.feedback.filter(({ segment }) => segment === null || segment === undefined);
    const given = new Map(ofEntry.map((feedback) => [feedback.emotion, feedback]));
    return {
      verdict: (emotion) => {
        const feedback = given.get(emotion);
        return !this.#open && feedback && h("span", { class: "verdict" }, describe(feedback));
      },
      choices: (emotion) => this.#open && this.#choices(entry, emotion, given.get(emotion), redraw),
      toggle: this.#toggle(redraw),
    };
  }

  /** @param {() => void} redraw */
  #toggle(redraw) {
    const toggle = () => {
      [this.#open, this.#problem] = [!this.#open, ""];
      redraw();
      focus(".feedback-toggle");
    };
    const control = button(this.#open ? "Done" : "Is this right?", toggle, "quiet feedback-toggle");
    control.setAttribute("aria-expanded", String(this.#open));
    return h("div", { class: "feedback-foot" }, control, this.#problem && alertText(this.#problem));
  }

  /** @param {EntryView} entry @param {string} emotion @param {NewFeedback | undefined} current @param {() => void} redraw */
  #choices(entry, emotion, current, redraw) {
    const choice = (/** @type {"agree" | "disagree"} */ verdict, /** @type {string} */ label) => {
      const control = button(label, () => this.#send(entry, { emotion, verdict }, redraw), "chip");
      control.setAttribute("aria-pressed", String(current?.verdict === verdict));
      control.setAttribute("aria-label", `${emotion}: ${label}`);
      control.dataset.verdict = `${emotion}:${verdict}`;
      return control;
    };
    const correction = this.#correction(entry, emotion, current, redraw);
    return h("div", { class: "feedback" }, choice("agree", "Yes"), choice("disagree", "No"), correction);
  }

  /** @param {EntryView} entry @param {string} emotion @param {NewFeedback | undefined} current @param {() => void} redraw */
  #correction(entry, emotion, current, redraw) {
    const chosen = current?.verdict === "correct" ? current.correction : null;
    const options = EMOTIONS.filter((other) => other !== emotion).map((other) =>
      h("option", { value: other, selected: other === chosen }, other),
    );
    const attributes = {
      class: "field small",
      "aria-label": `${emotion}: it was another emotion`,
      "data-verdict": `${emotion}:correct`,
    };
    const select = h("select", attributes, h("option", { value: "" }, "It was…"), ...options);
    select.addEventListener("change", () => {
      if (select.value) this.#send(entry, { emotion, verdict: "correct", correction: select.value }, redraw);
    });
    return select;
  }

  /** @param {EntryView} entry @param {NewFeedback} feedback @param {() => void} redraw */
  async #send(entry, feedback, redraw) {
    try {
      const changed = await api.giveFeedback(entry.id, feedback);
      this.#problem = "";
      announce(`Saved: ${feedback.emotion}, ${describe(feedback)}.`);
      this.#onChange(changed);
    } catch (error) {
      this.#problem = messageOf(error);
      redraw();
    }
    focus(`[data-verdict="${feedback.emotion}:${feedback.verdict}"]`);
  }
}

/** @param {string} selector */
const focus = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector))?.focus();

/** @param {NewFeedback} feedback */
function describe({ verdict, correction }) {
  if (verdict === "correct") return `you corrected it to ${correction}`;
  return verdict === "agree" ? "you agreed" : "you disagreed";
}
