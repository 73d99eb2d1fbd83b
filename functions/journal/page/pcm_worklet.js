/** Hands on what the microphone hears as 16-bit samples, a tenth of a second at a time. Runs beside the page. */

class Pcm extends AudioWorkletProcessor {
  #block = new Int16Array(Math.round(sampleRate / 10));
  #filled = 0;

  process([[channel]]) {
    for (const sample of channel ?? []) {
      this.#block[this.#filled++] = Math.max(-1, Math.min(1, sample)) * 0x7fff;
      if (this.#filled === this.#block.length) this.#handOn();
    }
    return true;
  }

  #handOn() {
    const { buffer } = this.#block.slice();
    this.port.postMessage(buffer, [buffer]);
    this.#filled = 0;
  }
}

registerProcessor("pcm", Pcm);
