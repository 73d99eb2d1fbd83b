/** The live transcript: finished sentences with their emotions, and an interim version of the current one. */

import { byId, h } from "../common/dom.js";
import { emotionTag, strongestEmotion } from "../common/emotions.js";
import { t } from "../texts/texts.js";

/** @import { EmotionScore, Segment } from "../client/samo.js" */

export class LiveText {
  #root = byId("live-text");
  #partial = h("span", { class: "partial" });

  clear() {
    this.#root.hidden = true;
    this.#partial.textContent = "";
    this.#root.replaceChildren(this.#partial);
  }

  /** @param {string} text */
  showPartial(text) {
    this.#partial.textContent = text;
    this.#show();
  }

  /** @param {Segment} segment @param {EmotionScore[]} emotions */
  addFinal({ text }, emotions) {
    const emotion = strongestEmotion(emotions)?.emotion;
    this.#partial.textContent = "";
    this.#partial.before(h("span", { class: "final" }, text, emotion && emotionTag(emotion)), " ");
    this.#show();
  }

  /** Show that dictation is lost for good while the recording continues. */
  showLost() {
    this.#partial.textContent = this.#root.hidden ? "" : t("compose.still_recording");
  }

  #show() {
    this.#root.hidden = false;
    this.#root.scrollTop = this.#root.scrollHeight;
  }
}
