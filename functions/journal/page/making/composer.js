/** Making an entry: speak, write, choose a file or drop one anywhere. */

import * as api from "../server/api.js";
import { ask } from "../common/dialog.js";
import { byId } from "../common/dom.js";
import { clock, timezone } from "../common/format.js";
import { Meter } from "./meter.js";
import { remedy, send } from "./uploads.js";
import { LONGEST_S, Recorder } from "./recorder.js";

const WORTH_ASKING_S = 5;

export class Composer {
  #recorder = null;
  #meter = new Meter(byId("meter"));
  #ticking = 0;
  #onSaved;

  /** `onSaved` hears each new entry. */
  constructor(onSaved) {
    this.#onSaved = onSaved;
    byId("record").addEventListener("click", () => this.#record());
    byId("stop").addEventListener("click", () => this.#stop());
    byId("cancel").addEventListener("click", () => this.#cancel());
    byId("file").addEventListener("change", () => this.#chosen());
    this.#listenToText();
    this.#listenToDrops();
  }

  /** Whether leaving the page would lose something. */
  get unsaved() {
    return this.#recorder !== null || byId("text").value.trim() !== "";
  }

  /** Take the person to where an entry begins. */
  focus() {
    location.hash = "#/";
    byId("record").focus();
  }

  /** Whoever was here has left. */
  clear() {
    this.#quiet()?.stop();
    byId("text").value = "";
    byId("save").disabled = true;
    this.#problem("write", "");
  }

  // -- speaking

  async #record() {
    this.#state("asking");
    this.#problem("record", "");
    try {
      this.#recorder = await Recorder.start();
    } catch (error) {
      this.#state("idle");
      return this.#problem("record", error.message);
    }
    this.#state("recording");
    byId("stop").focus();
    this.#meter.start(() => this.#recorder.level());
    this.#tick();
    this.#ticking = setInterval(() => this.#tick(), 250);
    const { ended } = this.#recorder;
    ended.then(() => this.#stop());
  }

  #tick() {
    byId("elapsed").textContent = clock(this.#recorder.seconds);
    if (this.#recorder.seconds >= LONGEST_S) this.#stop();
  }

  async #stop() {
    const recorder = this.#quiet();
    if (recorder) this.#send(await recorder.stop(), "your recording");
  }

  async #cancel() {
    const long = this.#recorder.seconds >= WORTH_ASKING_S;
    if (long && !(await ask("Discard this recording?", "What you have said so far is not kept.", "Discard"))) return;
    await this.#quiet()?.stop();
    byId("record").focus();
  }

  /** Back to the beginning; the recorder, if there is one, is the caller's to stop. */
  #quiet() {
    const recorder = this.#recorder;
    this.#recorder = null;
    clearInterval(this.#ticking);
    this.#meter.stop();
    this.#state("idle");
    return recorder;
  }

  #state(state) {
    byId("compose").dataset.state = state;
    byId("record").disabled = state === "asking";
    byId("new").textContent = state === "recording" ? "Recording…" : "New entry";
    byId("new").classList.toggle("lit", state === "recording");
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
    this.#problem("write", "");
    try {
      const entry = await api.write({ text: text.value, recorded_at: new Date().toISOString(), timezone });
      text.value = "";
      this.#onSaved(entry);
    } catch (error) {
      byId("save").disabled = false;
      this.#problem("write", `${error.message} Your words are still here.`, remedy(error));
    }
  }

  #problem(where, message, remedy = null) {
    const place = byId(`${where}-problem`);
    place.replaceChildren(...[message, remedy && " ", remedy].filter(Boolean));
    place.hidden = message === "";
  }
}
