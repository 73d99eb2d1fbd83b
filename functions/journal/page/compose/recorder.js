/** Records from the microphone. */

import { t } from "../texts/texts.js";

/** @typedef {{ blob: Blob, name: string, recordedAt: Date }} Recording */

const TYPES = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS_PER_SECOND = 48_000;
/** The server accepts an hour; at 48 kbit/s that stays below its size limit. */
export const MAX_LENGTH_S = 59.5 * 60;

/** @type {Record<string, string>} */
const ADVICE = {
  NotAllowedError: t("compose.the_browser_blocks_the_microphone_for"),
  NotFoundError: t("compose.no_microphone_was_found_connect_one"),
  NotReadableError: t("compose.another_program_is_using_the_microphone"),
};
const NOT_SUPPORTED = t("compose.this_browser_cannot_record_choose_an");

export class Recorder {
  #media;
  #levels;
  /** @type {Blob[]} */
  #pieces = [];
  #ended;

  /** Request the microphone and start recording. Rejects with an Error whose message says what to do. */
  static async start() {
    if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) throw new Error(NOT_SUPPORTED);
    try {
      return new Recorder(await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } }));
    } catch (error) {
      const name = error instanceof Error || error instanceof DOMException ? error.name : String(error);
      throw new Error(ADVICE[name] ?? t("compose.the_microphone_could_not_be_opened", { name }));
    }
  }

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.stream = stream;
    this.startedAt = new Date();
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.#media = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    this.#media.ondataavailable = ({ data }) => data.size > 0 && this.#pieces.push(data);
    this.#ended = /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.#media.onstop = () => resolve();
      })
    );
    this.#media.start(1000);
    this.#levels = new LevelReader(stream);
  }

  /** Resolves when recording ends, including when the microphone is unplugged. */
  get ended() {
    return this.#ended;
  }

  get seconds() {
    return (Date.now() - this.startedAt.getTime()) / 1000;
  }

  /** The current level, 0 to 1. */
  level() {
    return this.#levels.read();
  }

  /** End the recording. @returns {Promise<Recording>} */
  async stop() {
    if (this.#media.state !== "inactive") this.#media.stop();
    await this.#ended;
    for (const track of this.stream.getTracks()) track.stop();
    this.#levels.close();
    const type = this.#media.mimeType || this.#pieces[0]?.type || "audio/webm";
    const blob = new Blob(this.#pieces, { type: type.split(";")[0] });
    return { blob, name: this.#fileName(type), recordedAt: this.startedAt };
  }

  /** @param {string} type */
  #fileName(type) {
    const extension = type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm";
    return `journal-${this.startedAt.toISOString().slice(0, 19).replaceAll(":", "-")}.${extension}`;
  }
}

/** Measures the level of a stream. */
class LevelReader {
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #samples;

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  /** 55 dB below full scale is 0, full scale is 1. */
  read() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 55));
  }

  close() {
    this.#context.close();
  }
}
