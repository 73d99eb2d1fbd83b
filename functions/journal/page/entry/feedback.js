/** What the person says of an emotion that was found: that it is so, that it is not, or which it was. */

import { announce, button, h } from "../common/dom.js";
import { FAMILIES } from "../common/emotions.js";
import * as api from "../server/api.js";

const EMOTIONS = Object.values(FAMILIES).flat().filter((emotion) => emotion !== "neutral").sort();

export class Feedback {
  #open = false;
  #problem = "";
  #onChange;

  /** `onChange` hears the entry with what was said of it. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Whatever it looks like depends on. */
  get state() {
    return [this.#open, this.#problem];
  }

  close() {
    [this.#open, this.#problem] = [false, ""];
  }

  /** What stands beside the emotions of an entry; `redraw` shows them again. */
  of(entry, redraw) {
    const given = new Map(entry.feedback.filter(({ segment }) => segment == null).map((said) => [said.emotion, said]));
    return {
      word: (emotion) => !this.#open && given.has(emotion) && h("span", { class: "verdict" }, inWords(given.get(emotion))),
      ask: (emotion) => this.#open && this.#choice(entry, emotion, given.get(emotion), redraw),
      toggle: this.#toggle(redraw),
    };
  }

  #toggle(redraw) {
    const turn = () => {
      [this.#open, this.#problem] = [!this.#open, ""];
      redraw();
      document.querySelector(".feedback-toggle")?.focus();
    };
    const label = button(this.#open ? "Done" : "Is this right?", turn, "quiet feedback-toggle");
    label.setAttribute("aria-expanded", this.#open);
    const problem = this.#problem && h("p", { class: "problem", role: "alert" }, this.#problem);
    return h("div", { class: "feedback-foot" }, label, problem);
  }

  #choice(entry, emotion, said, redraw) {
    const verdict = (name, text) => {
      const chosen = button(text, () => this.#say(entry, { emotion, verdict: name }, redraw), "chip");
      chosen.setAttribute("aria-pressed", said?.verdict === name);
      chosen.setAttribute("aria-label", `${emotion}: ${text}`);
      chosen.dataset.verdict = `${emotion}:${name}`;
      return chosen;
    };
    return h("div", { class: "feedback" }, verdict("agree", "Yes"), verdict("disagree", "No"), this.#other(entry, emotion, said, redraw));
  }

  #other(entry, emotion, said, redraw) {
    const correction = said?.verdict === "correct" ? said.correction : "";
    const onchange = ({ target }) =>
      target.value && this.#say(entry, { emotion, verdict: "correct", correction: target.value }, redraw);
    const choices = EMOTIONS.filter((other) => other !== emotion).map((other) =>
      h("option", { value: other, selected: other === correction }, other),
    );
    const label = `${emotion}: it was another emotion`;
    const first = h("option", { value: "" }, "It was…");
    return h("select", { class: "field small", "aria-label": label, "data-verdict": `${emotion}:correct`, onchange }, first, ...choices);
  }

  async #say(entry, said, redraw) {
    const key = `${said.emotion}:${said.verdict}`;
    try {
      const changed = await api.comment(entry.id, said);
      this.#problem = "";
      announce(`Noted: ${said.emotion}, ${inWords(said)}.`);
      this.#onChange(changed);
    } catch (error) {
      this.#problem = error.message;
      redraw();
    }
    document.querySelector(`[data-verdict="${key}"]`)?.focus();
  }
}

const inWords = ({ verdict, correction }) =>
  ({ agree: "you agree", disagree: "not so, you say", correct: `${correction}, you say` })[verdict];
