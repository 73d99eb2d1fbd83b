/** The microphone: a recording, its level while it lasts, and what to do where there is none. */

const TYPES = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS_PER_SECOND = 48_000;
/** The server takes an hour; at 48 kbit/s that stays below the size it takes. */
export const LONGEST_S = 59.5 * 60;

const ADVICE = {
  NotAllowedError:
    "The browser does not let this page use the microphone. Allow it in the site settings beside the address, " +
    "then try again; or choose a recording, or write.",
  NotFoundError: "No microphone was found. Connect one and try again; or choose a recording, or write.",
  NotReadableError: "The microphone is busy in another program. Close that and try again.",
};
const NO_SUPPORT = "This browser cannot record. Choose a recording made elsewhere, or write.";

export class Recorder {
  #media;
  #stream;
  #sound;
  #analyser;
  #samples;
  #pieces = [];
  #ended;

  /** Ask for the microphone and begin. Rejects with an Error whose message says what to do. */
  static async start() {
    if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) throw new Error(NO_SUPPORT);
    try {
      return new Recorder(await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } }));
    } catch (error) {
      throw new Error(ADVICE[error.name] ?? `The microphone could not be opened (${error.name}).`);
    }
  }

  constructor(stream) {
    this.#stream = stream;
    this.startedAt = new Date();
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.#media = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    this.#media.ondataavailable = ({ data }) => data.size && this.#pieces.push(data);
    this.#ended = new Promise((resolve) => (this.#media.onstop = resolve));
    this.#media.start(1000);
    this.#listen();
  }

  /** The microphone, for whoever listens along. */
  get stream() {
    return this.#stream;
  }

  /** Settles when recording ends, be it because the microphone went away. */
  get ended() {
    return this.#ended;
  }

  get seconds() {
    return (Date.now() - this.startedAt) / 1000;
  }

  /** How loud it is now, 0 to 1. */
  level() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 55));
  }

  /** End the recording; resolves to what was recorded. */
  async stop() {
    if (this.#media.state !== "inactive") this.#media.stop();
    await this.#ended;
    this.#stream.getTracks().forEach((track) => track.stop());
    this.#sound.close();
    const type = this.#media.mimeType || this.#pieces[0]?.type || "audio/webm";
    const blob = new Blob(this.#pieces, { type: type.split(";")[0] });
    return { blob, name: this.#name(type), recordedAt: this.startedAt };
  }

  #name(type) {
    const ending = type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm";
    return `journal-${this.startedAt.toISOString().slice(0, 19).replaceAll(":", "-")}.${ending}`;
  }

  #listen() {
    this.#sound = new AudioContext();
    this.#analyser = this.#sound.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#sound.createMediaStreamSource(this.#stream).connect(this.#analyser);
  }
}
