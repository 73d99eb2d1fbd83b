/** What a microphone hears, as 16-bit samples for dictation. */

const WANTED_RATE = 16_000;

export class PcmSource {
  #context;
  #onBlock;

  /** `onBlock` hears each tenth of a second as an ArrayBuffer. */
  constructor(stream, onBlock) {
    this.#onBlock = onBlock;
    this.#context = context(stream);
  }

  /** A rate that the service takes, whichever this browser has. */
  get rate() {
    return this.#context.sampleRate;
  }

  async start(stream) {
    await this.#context.audioWorklet.addModule("/page/pcm_worklet.js");
    const worklet = new AudioWorkletNode(this.#context, "pcm", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    worklet.port.onmessage = ({ data }) => this.#onBlock(data);
    this.#context.createMediaStreamSource(stream).connect(worklet);
  }

  close() {
    this.#context.close().catch(() => {});
  }
}

/** Some browsers do not convert between a microphone's rate and another. */
function context(stream) {
  const converted = new AudioContext({ sampleRate: WANTED_RATE });
  try {
    converted.createMediaStreamSource(stream).disconnect();
    return converted;
  } catch {
    converted.close();
    return new AudioContext();
  }
}
