/** A microphone's audio as 16-bit samples, for dictation. */

const PREFERRED_RATE = 16_000;

export class PcmSource {
  #context;
  #onBlock;

  /** @param {MediaStream} stream @param {(block: ArrayBuffer) => void} onBlock called every tenth of a second */
  constructor(stream, onBlock) {
    this.#onBlock = onBlock;
    this.#context = createContext(stream);
  }

  /** Samples per second. */
  get rate() {
    return this.#context.sampleRate;
  }

  /** @param {MediaStream} stream */
  async start(stream) {
    await this.#context.audioWorklet.addModule("/page/pcm_worklet.js");
    const options = { numberOfOutputs: 0, channelCount: 1, channelCountMode: /** @type {const} */ ("explicit") };
    const worklet = new AudioWorkletNode(this.#context, "pcm", options);
    worklet.port.onmessage = ({ data }) => this.#onBlock(data);
    this.#context.createMediaStreamSource(stream).connect(worklet);
  }

  close() {
    if (this.#context.state !== "closed") this.#context.close().catch(() => {});
  }
}

/** Use the preferred rate, unless the browser cannot resample the microphone's audio. @param {MediaStream} stream */
function createContext(stream) {
  const context = new AudioContext({ sampleRate: PREFERRED_RATE });
  try {
    context.createMediaStreamSource(stream).disconnect();
    return context;
  } catch {
    context.close();
    return new AudioContext();
  }
}
