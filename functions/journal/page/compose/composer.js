/** Making an entry: speak, write, choose a file or drop one anywhere. */

import * as api from "../server/api.js";
import { byId } from "../common/dom.js";
import { timezone } from "../common/format.js";
import { remedy, send } from "./uploads.js";
import { Speaking } from "./recording_panel.js";

export class Composer {
  #speaking;
  #onSaved;
  #draft = null;

  /** `onSaved` hears each new entry. */
  constructor(onSaved) {
    this.#onSaved = onSaved;
    this.#speaking = new Speaking({ onRecorded: (...spoken) => this.#sendSpoken(...spoken), onSaved });
    byId("file").addEventListener("change", () => this.#chosen());
    this.#listenToText();
    this.#listenToDrops();
  }

  /** Whether leaving the page would lose something. */
  get unsaved() {
    return this.#speaking.busy || byId("text").value.trim() !== "";
  }

  /** Where an entry begins. */
  focus() {
    byId("record").focus();
  }

  /** Whoever was here has left. */
  clear() {
    this.#speaking.clear();
    byId("text").value = "";
    byId("save").disabled = true;
    this.#draft = null;
    this.#problem("");
  }

  // -- files

  #chosen() {
    this.#sendFiles(byId("file").files);
    byId("file").value = "";
  }

  #sendFiles(files) {
    for (const file of files) {
      const recordedAt = new Date(Math.min(file.lastModified, Date.now()));
      this.#send({ blob: file, name: file.name, recordedAt }, file.name);
    }
  }

  #send(recording, title) {
    send(recording, title, this.#onSaved);
  }

  #sendSpoken(recording, kept) {
    send(recording, "your recording", (entry) => (kept(), this.#onSaved(entry)));
  }

  #listenToDrops() {
    const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
    const show = (shown) => (byId("drop").hidden = !shown);
    addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      show(true);
    });
    addEventListener("dragleave", (event) => event.relatedTarget === null && show(false));
    addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      show(false);
      this.#sendFiles(event.dataTransfer.files);
    });
  }

  // -- writing

  #listenToText() {
    const text = byId("text");
    text.addEventListener("input", () => (byId("save").disabled = text.value.trim() === ""));
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("write").requestSubmit();
    });
    byId("write").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#write(text);
    });
  }

  async #write(text) {
    if (text.value.trim() === "") return;
    byId("save").disabled = true;
    this.#problem("");
    try {
      const entry = await api.write(...this.#drafted(text.value));
      text.value = "";
      this.#draft = null;
      this.#onSaved(entry);
    } catch (error) {
      byId("save").disabled = false;
      this.#problem(`${error.message} Your words are still here.`, remedy(error));
    }
  }

  /** What is asked for: the same again as long as the words are the same, so that it makes one entry. */
  #drafted(text) {
    if (this.#draft?.[0].text !== text) {
      this.#draft = [{ text, recorded_at: new Date().toISOString(), timezone }, crypto.randomUUID()];
    }
    return this.#draft;
  }

  #problem(message, remedy = null) {
    const place = byId("write-problem");
    place.replaceChildren(...[message, remedy && " ", remedy].filter(Boolean));
    place.hidden = message === "";
  }
}
