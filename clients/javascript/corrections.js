/** Corrects the insight of entries, and takes corrections back. */

/** @import { EntryView, NewCorrections, TakenBack } from "./samo.js" */
/** @import { Transport } from "./transport.js" */

/** What the user says of an entry in place of what the models found. */
export class Corrections {
  #transport;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /**
   * Correct the given parts of an entry; the others stay as they are.
   *
   * @param {string} id
   * @param {NewCorrections} corrections
   * @returns {Promise<EntryView>}
   */
  set(id, corrections) {
    return this.#transport.request("corrections.set", [id], { json: corrections });
  }

  /**
   * Show again what the models found: of a part, of a segment, or by default of everything.
   *
   * @param {string} id
   * @param {Partial<TakenBack>} [what]
   * @returns {Promise<EntryView>}
   */
  takeBack(id, { part, segment } = {}) {
    return this.#transport.request("corrections.takeBack", [id], { query: { part, segment } });
  }
}
