/** Live dictation: a WebSocket that takes audio and answers with text and emotions while it is spoken. */
export class Dictation {
  #transport;

  constructor(transport) {
    this.#transport = transport;
  }

  /** Where it is. */
  address() {
    return this.#transport.ask("dictation.address");
  }
}
