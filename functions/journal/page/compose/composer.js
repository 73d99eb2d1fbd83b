/** Creates entries: by recording, writing, choosing a file or dropping one. */

import { buttonById, byId, present } from "../common/dom.js";
import { timezone } from "../common/format.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";
import { RecordingPanel } from "./recording_panel.js";
import { remedy, upload } from "./uploads.js";

/** @import { EntryView } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

/** @typedef {{ fields: { text: string, recorded_at: string, timezone: string }, key: string }} Draft */

export class Composer {
  #panel;
  #onSaved;
  #text = /** @type {HTMLTextAreaElement} */ (byId("text"));
  #file = /** @type {HTMLInputElement} */ (byId("file"));
  /** @type {Draft | null} */
  #draft = null;

  /** @param {(entry: EntryView) => void} onSaved called with each new entry */
  constructor(onSaved) {
    this.#onSaved = onSaved;
    this.#panel = new RecordingPanel({
      onRecorded: (recording, onUploaded) =>
        upload(recording, t("compose.your_recording"), (entry) => {
          onUploaded();
          onSaved(entry);
        }),
      onSaved,
    });
    this.#listenToFiles();
    this.#listenToText();
    this.#listenToDrops();
  }

  /** Whether leaving the page would lose data. */
  get hasUnsaved() {
    return this.#panel.busy || this.#text.value.trim() !== "";
  }

  focus() {
    byId("record").focus();
  }

  /** Discard the draft and recording of a user who has signed out. */
  clear() {
    this.#panel.clear();
    this.#text.value = "";
    this.#draft = null;
    this.#showProblem("");
    buttonById("save").disabled = true;
  }

  // -- files

  #listenToFiles() {
    this.#file.addEventListener("change", () => {
      this.#uploadFiles(this.#file.files ?? []);
      this.#file.value = "";
    });
  }

  /** @param {Iterable<File>} files */
  #uploadFiles(files) {
    for (const file of files) {
      const recordedAt = new Date(Math.min(file.lastModified, Date.now()));
      upload({ blob: file, name: file.name, recordedAt }, file.name, this.#onSaved);
    }
  }

  #listenToDrops() {
    const filesOf = (/** @type {DragEvent} */ event) =>
      event.dataTransfer?.types.includes("Files") ? event.dataTransfer.files : null;
    const showTarget = (/** @type {boolean} */ shown) => {
      byId("drop").hidden = !shown;
    };
    addEventListener("dragover", (event) => {
      if (!filesOf(event)) return;
      event.preventDefault();
      showTarget(true);
    });
    addEventListener("dragleave", (event) => event.relatedTarget === null && showTarget(false));
    addEventListener("drop", (event) => {
      const files = filesOf(event);
      if (!files) return;
      event.preventDefault();
      showTarget(false);
      this.#uploadFiles(files);
    });
  }

  // -- text

  #listenToText() {
    const form = /** @type {HTMLFormElement} */ (byId("write"));
    this.#text.addEventListener("input", () => {
      buttonById("save").disabled = this.#text.value.trim() === "";
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  async #save() {
    if (this.#text.value.trim() === "") return;
    buttonById("save").disabled = true;
    this.#showProblem("");
    try {
      const { fields, key } = this.#draftOf(this.#text.value);
      const entry = await api.createFromText(fields, key);
      this.#text.value = "";
      this.#draft = null;
      this.#onSaved(entry);
    } catch (error) {
      buttonById("save").disabled = false;
      this.#showProblem(t("compose.your_text_is_still_here", { error: messageOf(error) }), remedy(error));
    }
  }

  /** The request for a text; retries of the same text use the same key. @param {string} text @returns {Draft} */
  #draftOf(text) {
    if (this.#draft?.fields.text !== text) {
      const fields = { text, recorded_at: new Date().toISOString(), timezone };
      this.#draft = { fields, key: crypto.randomUUID() };
    }
    return this.#draft;
  }

  /** @param {string} message @param {Child} [action] */
  #showProblem(message, action = null) {
    const element = byId("write-problem");
    element.replaceChildren(...present([message, action && " ", action]));
    element.hidden = message === "";
  }
}
