/** What was heard so far, while it is spoken: sentences with what they express, and a guess at the one under way. */

import { byId, h } from "../common/dom.js";
import { tag, telling } from "../common/emotions.js";

export class LiveText {
  #place = byId("live-text");
  #partial = h("span", { class: "partial" });

  clear() {
    this.#place.hidden = true;
    this.#partial.textContent = "";
    this.#place.replaceChildren(this.#partial);
  }

  guess(text) {
    this.#partial.textContent = text;
    this.#show();
  }

  add({ text }, emotions) {
    const strongest = telling(emotions);
    this.#partial.textContent = "";
    this.#partial.before(h("span", { class: "heard" }, text, strongest && tag(strongest.emotion)), " ");
    this.#show();
  }

  /** The connection is gone for good; the recording goes on. */
  lose() {
    this.#partial.textContent = this.#place.hidden ? "" : "… (the recording goes on)";
  }

  #show() {
    this.#place.hidden = false;
    this.#place.scrollTop = this.#place.scrollHeight;
  }
}
