/** Speaking an entry: the recording, its level, what is heard meanwhile, and how it becomes an entry. */

import { ask } from "../common/dialog.js";
import { announce, byId } from "../common/dom.js";
import { clock } from "../common/format.js";
import { entryAddress } from "../common/router.js";
import * as api from "../server/api.js";
import * as config from "../server/config.js";
import { Dictation } from "./dictation.js";
import { LiveText } from "./live_text.js";
import { Meter } from "./level_meter.js";
import { LONGEST_S, Recorder } from "./recorder.js";

const WORTH_ASKING_S = 5;
const PATIENCE_MS = 20_000;

export class Speaking {
  #recorder = null;
  #dictation = null;
  #lost = null;
  #finishing = false;
  #meter = new Meter(byId("meter"));
  #text = new LiveText();
  #ticking = 0;
  #listener;

  /**
   * `listener`: onRecorded(recording, kept) where it is still to be sent, `kept` to be called then; onSaved(entry)
   * where it is one already.
   */
  constructor(listener) {
    this.#listener = listener;
    byId("record").addEventListener("click", () => this.#record());
    byId("stop").addEventListener("click", () => this.#stop());
    byId("cancel").addEventListener("click", () => this.#cancel());
  }

  get busy() {
    return this.#recorder !== null || this.#finishing;
  }

  /** Whoever spoke has left. */
  clear() {
    this.#dictation?.discard();
    this.#quiet()?.stop();
  }

  async #record() {
    this.#state("asking");
    this.#problem("");
    try {
      this.#recorder = await Recorder.start();
    } catch (error) {
      this.#state("idle");
      return this.#problem(error.message);
    }
    this.#state("recording");
    byId("stop").focus();
    this.#meter.start(() => this.#recorder.level());
    this.#tick();
    this.#ticking = setInterval(() => this.#tick(), 250);
    this.#listenAlong();
    this.#recorder.ended.then(() => this.#stop());
  }

  /** Without live dictation, or where it is lost, the recording goes on all the same. */
  #listenAlong() {
    this.#text.clear();
    const url = config.dictation();
    if (!url || !globalThis.AudioWorkletNode) return;
    const { stream } = this.#recorder;
    const dictation = new Dictation(url, stream, {
      onPartial: (text) => this.#text.guess(text),
      onFinal: (segment, emotions) => this.#text.add(segment, emotions),
      onFull: () => this.#stop(),
      onLost: () => this.#lose(dictation),
    });
    [this.#dictation, this.#lost] = [dictation, null];
  }

  #lose(dictation) {
    this.#lost = dictation;
    if (this.#dictation !== dictation) return;
    this.#dictation = null;
    this.#text.lose();
  }

  #tick() {
    byId("elapsed").textContent = clock(this.#recorder.seconds);
    if (this.#recorder.seconds >= LONGEST_S) this.#stop();
  }

  async #stop() {
    const dictation = this.#dictation;
    const recorder = this.#quiet();
    if (!recorder) return;
    this.#finishing = true;
    this.#state("finishing");
    const [recording, made] = await Promise.all([recorder.stop(), dictation?.finish(PATIENCE_MS).catch(() => null)]);
    this.#finishing = false;
    this.#state("idle");
    if (made) await this.#open(made);
    else this.#listener.onRecorded(recording, this.#withdrawal());
  }

  /** What a dictation that was lost has kept of a recording would be there twice. */
  #withdrawal() {
    const lost = this.#lost;
    return async () => {
      const made = await lost?.withdraw().catch(() => null);
      if (made) await api.remove(made).catch(() => {});
    };
  }

  async #open(id) {
    try {
      this.#listener.onSaved(await api.read(id));
    } catch {
      announce("Saved.");
      location.hash = entryAddress(id);
    }
  }

  async #cancel() {
    const long = this.#recorder.seconds >= WORTH_ASKING_S;
    if (long && !(await ask("Discard this recording?", "What you have said so far is not kept.", "Discard"))) return;
    this.#dictation?.discard();
    await this.#quiet()?.stop();
    byId("record").focus();
  }

  /** Back to the beginning; the recorder, if there is one, is the caller's to stop. */
  #quiet() {
    const recorder = this.#recorder;
    [this.#recorder, this.#dictation] = [null, null];
    clearInterval(this.#ticking);
    this.#meter.stop();
    this.#state("idle");
    return recorder;
  }

  #state(state) {
    byId("compose").dataset.state = state;
    byId("record").disabled = state === "asking" || state === "finishing";
    byId("record").querySelector("span").textContent = state === "finishing" ? "Saving…" : "Record";
    byId("new").textContent = state === "recording" ? "Recording…" : "New entry";
    byId("new").classList.toggle("lit", state === "recording");
  }

  #problem(message) {
    byId("record-problem").textContent = message;
    byId("record-problem").hidden = message === "";
  }
}
