/** Lists, creates, rotates and revokes API keys. A secret is shown only once. */

import { confirm } from "../common/dialog.js";
import { alertText, announce, button, h } from "../common/dom.js";
import { dateTime, shortDate } from "../common/format.js";
import { errorState, loadingState } from "../common/states.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";

/** @import { KeySecret, KeyView, Scope } from "../client/samo.js" */

/** @type {[Scope, string][]} */
const SCOPES = [
  ["entries:read", "Read entries"],
  ["entries:write", "Create and edit entries"],
  ["entries:delete", "Delete entries"],
  ["entries:export", "Export everything"],
  ["analyze", "Transcribe and analyse"],
];

export class ApiKeySection {
  element = h("div", { class: "keys" });
  #list = h("div", {}, loadingState("Loading your API keys", 1));
  #message = h("div", {});

  constructor() {
    const description = "An API key lets a program act as you, within the permissions you choose.";
    this.element.append(h("p", { class: "quiet-text" }, description), this.#message, this.#list, this.#form());
    this.#refresh();
  }

  async #refresh() {
    try {
      const keys = (await api.listKeys()).filter(({ revoked_at }) => !revoked_at);
      const rows = keys.map((key) => this.#row(key));
      this.#list.replaceChildren(
        rows.length > 0
          ? h("ul", { class: "rows", "aria-label": "API keys" }, ...rows)
          : h("p", { class: "quiet-text" }, "You have no API keys."),
      );
    } catch (error) {
      this.#list.replaceChildren(errorState("Your API keys could not be loaded", error, () => this.#refresh()));
    }
  }

  /** @param {KeyView} key */
  #row(key) {
    const used = key.last_used_at ? `used ${dateTime(key.last_used_at)}` : "never used";
    const valid = key.ends_at ? `valid until ${shortDate(key.ends_at)}` : "valid until revoked";
    const scopes = key.scopes.map(scopeName).join(", ");
    const details = h("p", { class: "quiet-text" }, [scopes, used, valid].join(" · "));
    const rotate = button("Rotate secret", () => this.#rotate(key), "quiet");
    const revoke = button("Revoke", () => this.#revoke(key), "quiet danger");
    for (const action of [rotate, revoke]) action.setAttribute("aria-label", `${action.textContent}: ${key.name}`);
    return h(
      "li",
      {},
      h("div", {}, h("strong", {}, key.name), details),
      h("div", { class: "actions" }, rotate, revoke),
    );
  }

  /** @param {KeyView} key */
  async #rotate(key) {
    const consequences = "The current secret stays valid for a day, so that you can replace it.";
    if (!(await confirm(`Rotate ${key.name}?`, consequences, "Rotate"))) return;
    await this.#attempt(async () => this.#showSecret(await api.rotateKey(key.id)));
  }

  /** @param {KeyView} key */
  async #revoke(key) {
    if (!(await confirm(`Revoke ${key.name}?`, "Programs that use it lose access immediately.", "Revoke"))) return;
    await this.#attempt(() => api.revokeKey(key.id));
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
      await this.#refresh();
    } catch (error) {
      this.#message.replaceChildren(alertText(messageOf(error)));
    }
  }

  /** @param {KeySecret} created */
  #showSecret({ key, secret }) {
    const label = `Secret of ${key.name}`;
    const field = h("input", { class: "field mono", readonly: true, value: secret, "aria-label": label });
    const copy = button("Copy", () => this.#copy(field, copy), "primary");
    const done = button("Done", () => this.#message.replaceChildren(), "quiet");
    const warning = h(
      "p",
      {},
      h("strong", {}, key.name),
      " · This secret is shown only once. Store it somewhere safe.",
    );
    const group = { class: "secret", role: "group", "aria-label": "New secret" };
    this.#message.replaceChildren(h("div", group, warning, field, h("div", { class: "actions" }, copy, done)));
    field.select();
  }

  /** @param {HTMLInputElement} field @param {HTMLElement} control */
  async #copy(field, control) {
    try {
      await navigator.clipboard.writeText(field.value);
      control.textContent = "Copied";
      announce("Copied.");
    } catch {
      field.select();
      announce("Press Ctrl and C to copy.");
    }
  }

  #form() {
    const name = h("input", {
      class: "field",
      name: "name",
      required: true,
      maxlength: 100,
      placeholder: "What will use it",
    });
    const days = h("input", { class: "field number", type: "number", name: "days", min: 1, max: 36_500 });
    const scopes = SCOPES.map(([value, label], index) => {
      const input = h("input", { type: "checkbox", name: "scopes", value, checked: index === 0 });
      return h("label", { class: "check" }, input, h("span", {}, label));
    });
    const onsubmit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this.#create(form, name.value.trim(), days.value ? Number(days.value) : null);
    };
    const form = h(
      "form",
      { class: "form", onsubmit },
      h("label", { class: "labelled" }, h("span", {}, "Name"), name),
      h("fieldset", { class: "choices" }, h("legend", {}, "Permissions"), ...scopes),
      h(
        "label",
        { class: "labelled days" },
        h("span", {}, "Valid for"),
        days,
        h("span", { class: "unit" }, "days (leave empty for no expiry)"),
      ),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "plain" }, "Create key")),
    );
    return h("details", { class: "new-key" }, h("summary", {}, "Create an API key"), form);
  }

  /** @param {HTMLFormElement} form @param {string} name @param {number | null} days */
  async #create(form, name, days) {
    const scopes = /** @type {Scope[]} */ (new FormData(form).getAll("scopes"));
    if (scopes.length === 0) {
      this.#message.replaceChildren(alertText("Choose at least one permission."));
      return;
    }
    await this.#attempt(async () => {
      this.#showSecret(await api.createKey({ name, scopes, days }));
      form.reset();
      form.closest("details")?.removeAttribute("open");
    });
  }
}

/** @param {Scope} scope */
const scopeName = (scope) => SCOPES.find(([value]) => value === scope)?.[1].toLowerCase() ?? scope;
