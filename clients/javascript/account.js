/** The user's own account and API keys; other accounts, for operators. */

import { defined } from "./transport.js";

/** @import { AccountSummary, AccountView, DeletionReceipt, KeySecret, KeyView, NameChanges, NameList, RevokedKeys, Scope, AccountChanges } from "./samo.js" */
/** @import { Transport } from "./transport.js" */

/** Consent and preferences. */
export class Account {
  #transport;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /** The user's consent and preferences. @returns {Promise<AccountView>} */
  get() {
    return this.#transport.request("account.get");
  }

  /**
   * Change the given preferences; null resets one.
   *
   * @param {AccountChanges} changes
   * @returns {Promise<AccountView>}
   */
  update(changes) {
    return this.#transport.request("account.update", [], { json: changes });
  }

  /** Delete the account and all of its data. This cannot be undone. @returns {Promise<DeletionReceipt>} */
  delete() {
    return this.#transport.request("account.delete");
  }
}

/** The personal dictionary: names that transcription expects. */
export class Names {
  #transport;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /** The names, and names suggested from corrected transcripts. @returns {Promise<NameList>} */
  get() {
    return this.#transport.request("names.get");
  }

  /**
   * Add and remove names; declined suggestions are not offered again.
   *
   * @param {NameChanges} changes
   * @returns {Promise<NameList>}
   */
  change({ add = [], remove = [], decline = [] }) {
    return this.#transport.request("names.change", [], { json: { add, remove, decline } });
  }
}

/** API keys, for programs that act as the user. */
export class Keys {
  #transport;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /**
   * Create a key; its secret is shown only this once. Without `days` it is valid until revoked.
   *
   * @param {string} name
   * @param {Scope[]} scopes
   * @param {{ days?: number | null }} [options]
   * @returns {Promise<KeySecret>}
   */
  create(name, scopes, { days } = {}) {
    return this.#transport.request("keys.create", [], { json: defined({ name, scopes, days }) });
  }

  /** All keys, without their secrets. @returns {Promise<KeyView[]>} */
  async list() {
    return (await this.#transport.request("keys.list")).keys;
  }

  /**
   * Replace a key's secret. The old one stays valid for `grace_hours` (a day by default).
   *
   * @param {string} id
   * @param {{ grace_hours?: number }} [options]
   * @returns {Promise<KeySecret>}
   */
  rotate(id, { grace_hours } = {}) {
    return this.#transport.request("keys.rotate", [id], { json: defined({ grace_hours }) });
  }

  /** Revoke a key at once. @param {string} id */
  async revoke(id) {
    await this.#transport.call("keys.revoke", [id]);
  }
}

/** Other users' accounts, for operators, who see counts but never journal text. */
export class Admin {
  #transport;

  /** @param {Transport} transport */
  constructor(transport) {
    this.#transport = transport;
  }

  /** The state of an account and counts of what it holds. @param {string} uid @returns {Promise<AccountSummary>} */
  get(uid) {
    return this.#transport.request("admin.get", [uid]);
  }

  /**
   * Delete an account and all of its data at its user's request. This cannot be undone.
   *
   * @param {string} uid
   * @returns {Promise<DeletionReceipt>}
   */
  delete(uid) {
    return this.#transport.request("admin.delete", [uid]);
  }

  /** Revoke every API key of an account. @param {string} uid @returns {Promise<RevokedKeys>} */
  revokeKeys(uid) {
    return this.#transport.request("admin.revokeKeys", [uid]);
  }
}
