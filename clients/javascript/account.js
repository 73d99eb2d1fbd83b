/** The user's own account and API keys; an operator's view of others. */

import { given } from "./transport.js";

/** Consent, wishes, and leaving. */
export class Account {
  #transport;

  constructor(transport) {
    this.#transport = transport;
  }

  /** What the user has agreed to and asked for. */
  get() {
    return this.#transport.ask("account.get");
  }

  /** Change what is given; null takes a wish back. */
  update(wishes) {
    return this.#transport.ask("account.update", [], { json: wishes });
  }

  /** Delete the account and everything in it; this cannot be undone. */
  delete() {
    return this.#transport.ask("account.delete");
  }
}

/** API keys, for servers that act as the user. */
export class Keys {
  #transport;

  constructor(transport) {
    this.#transport = transport;
  }

  /** A new key with its secret, which is shown this once; good for so many days, or until revoked. */
  create(name, scopes, { days } = {}) {
    return this.#transport.ask("keys.create", [], { json: given({ name, scopes, days }) });
  }

  /** All keys, without their secrets. */
  async list() {
    return (await this.#transport.ask("keys.list")).keys;
  }

  /** A new secret for a key; the one before stays good for so many hours (a day, if nothing is said). */
  rotate(id, { grace_hours } = {}) {
    return this.#transport.ask("keys.rotate", [id], { json: given({ grace_hours }) });
  }

  /** Make a key worthless, at once. */
  async revoke(id) {
    await this.#transport.call("keys.revoke", [id]);
  }
}

/** What operators may do, and see of others: numbers, never words. Accounts go by their users' ids. */
export class Admin {
  #transport;

  constructor(transport) {
    this.#transport = transport;
  }

  /** How much there is of an account, and whether it stands. */
  get(uid) {
    return this.#transport.ask("admin.get", [uid]);
  }

  /** Delete an account and everything in it, as its user asked; this cannot be undone. */
  delete(uid) {
    return this.#transport.ask("admin.delete", [uid]);
  }

  /** Make every API key of an account worthless. */
  revokeKeys(uid) {
    return this.#transport.ask("admin.revokeKeys", [uid]);
  }
}
