/** Converts the microphone's audio to 16-bit samples, in blocks of a tenth of a second. Runs in the audio thread. */

class PcmProcessor extends AudioWorkletProcessor {
  #block = new Int16Array(Math.round(sampleRate / 10));
  #filled = 0;

  /** @param {Float32Array[][]} inputs */
  process([[channel]]) {
    for (const sample of channel ?? []) {
      this.#block[this.#filled] = Math.max(-1, Math.min(1, sample)) * 0x7fff;
      this.#filled += 1;
      if (this.#filled === this.#block.length) this.#post();
    }
    return true;
  }

  #post() {
    const { buffer } = this.#block.slice();
    this.port.postMessage(buffer, [buffer]);
    this.#filled = 0;
  }
}

registerProcessor("pcm", PcmProcessor);
