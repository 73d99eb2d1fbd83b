/** Records an entry: shows the level and live transcript, and turns the recording into an entry. */

import { confirm } from "../common/dialog.js";
import { announce, buttonById, byId } from "../common/dom.js";
import { clock } from "../common/format.js";
import { entryHash } from "../common/router.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";
import { Dictation } from "./dictation.js";
import { LevelMeter } from "./level_meter.js";
import { LiveText } from "./live_text.js";
import { MAX_LENGTH_S, Recorder } from "./recorder.js";

/** @import { EntryView } from "../client/samo.js" */
/** @import { Recording } from "./recorder.js" */

/** Cancelling a recording longer than this has to be confirmed. */
const CONFIRM_AFTER_S = 5;
const DICTATION_TIMEOUT_MS = 20_000;
const TICK_MS = 250;

/**
 * @typedef {object} Listener
 * @property {(recording: Recording, onUploaded: () => void) => void} onRecorded the recording has to be uploaded
 * @property {(entry: EntryView) => void} onSaved dictation has created the entry
 */

export class RecordingPanel {
  /** @type {Recorder | null} */
  #recorder = null;
  /** @type {Dictation | null} */
  #dictation = null;
  #finishing = false;
  #meter = new LevelMeter(/** @type {HTMLCanvasElement} */ (byId("meter")));
  #text = new LiveText();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  #listener;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
    byId("record").addEventListener("click", () => this.#record());
    byId("stop").addEventListener("click", () => this.#stop());
    byId("cancel").addEventListener("click", () => this.#cancel());
  }

  get busy() {
    return this.#recorder !== null || this.#finishing;
  }

  /** Discard the recording of a user who has signed out. */
  clear() {
    this.#dictation?.discard();
    this.#reset()?.stop();
  }

  async #record() {
    this.#showState("asking");
    this.#showProblem("");
    try {
      this.#recorder = await Recorder.start();
    } catch (error) {
      this.#showState("idle");
      this.#showProblem(messageOf(error));
      return;
    }
    const recorder = this.#recorder;
    this.#showState("recording");
    byId("stop").focus();
    this.#meter.start(() => recorder.level());
    this.#tick(recorder);
    this.#ticking = setInterval(() => this.#tick(recorder), TICK_MS);
    this.#dictate(recorder.stream);
    recorder.ended.then(() => this.#stop());
  }

  /** Start dictation; if it is unavailable or lost, recording continues without it. @param {MediaStream} stream */
  #dictate(stream) {
    this.#text.clear();
    const dictation = Dictation.start(stream, {
      onPartial: (text) => this.#text.showPartial(text),
      onFinal: (segment, emotions) => this.#text.addFinal(segment, emotions),
      onFull: () => this.#stop(),
      onLost: () => this.#lose(dictation),
    });
    this.#dictation = dictation;
  }

  /** @param {Dictation | null} dictation */
  #lose(dictation) {
    if (this.#dictation === dictation) this.#text.showLost();
  }

  /** @param {Recorder} recorder */
  #tick(recorder) {
    byId("elapsed").textContent = clock(recorder.seconds);
    if (recorder.seconds >= MAX_LENGTH_S) this.#stop();
  }

  async #stop() {
    const dictation = this.#dictation;
    const recorder = this.#reset();
    if (!recorder) return;
    this.#finishing = true;
    this.#showState("finishing");
    const finished = dictation?.finish(DICTATION_TIMEOUT_MS).catch(() => null);
    const [recording, entryId] = await Promise.all([recorder.stop(), finished]);
    this.#finishing = false;
    this.#showState("idle");
    if (entryId) await this.#open(entryId);
    else this.#listener.onRecorded(recording, () => discardDictation(dictation));
  }

  /** @param {string} id */
  async #open(id) {
    try {
      this.#listener.onSaved(await api.getEntry(id));
    } catch {
      announce(t("common.saved"));
      location.hash = entryHash(id);
    }
  }

  async #cancel() {
    const recorder = this.#recorder;
    if (!recorder) return;
    const ask = recorder.seconds >= CONFIRM_AFTER_S;
    if (
      ask &&
      !(await confirm(
        t("compose.discard_this_recording"),
        t("compose.your_recording_so_far_will_be"),
        t("compose.discard"),
      ))
    )
      return;
    this.#dictation?.discard();
    await this.#reset()?.stop();
    byId("record").focus();
  }

  /** Return to the idle state. Returns the recorder, if any, which the caller has to stop. */
  #reset() {
    const recorder = this.#recorder;
    [this.#recorder, this.#dictation] = [null, null];
    clearInterval(this.#ticking);
    this.#meter.stop();
    this.#showState("idle");
    return recorder;
  }

  /** @param {"idle" | "asking" | "recording" | "finishing"} state */
  #showState(state) {
    byId("compose").dataset.state = state;
    const record = buttonById("record");
    record.disabled = state === "asking" || state === "finishing";
    const label = record.querySelector("span");
    if (label) label.textContent = state === "finishing" ? t("compose.saving") : t("common.record");
    byId("new").textContent = state === "recording" ? t("compose.recording") : t("common.new_entry");
    byId("new").classList.toggle("recording", state === "recording");
  }

  /** @param {string} message */
  #showProblem(message) {
    byId("record-problem").textContent = message;
    byId("record-problem").hidden = message === "";
  }
}

/** Discard a lost dictation once its recording is uploaded: its entry would be a duplicate. @param {Dictation | null} dictation */
async function discardDictation(dictation) {
  const entryId = await dictation?.discard().catch(() => null);
  if (entryId) await api.deleteEntry(entryId).catch(() => {});
}
