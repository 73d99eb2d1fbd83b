/** API keys: made for programs of one's own, their secret shown once. */

import { ask } from "../common/dialog.js";
import { announce, button, h } from "../common/dom.js";
import { dateTime, shortDate } from "../common/format.js";
import { failure, waiting } from "../common/states.js";
import * as api from "../server/api.js";

const SCOPES = [
  ["entries:read", "Read entries"],
  ["entries:write", "Make and change entries"],
  ["entries:delete", "Delete entries"],
  ["entries:export", "Export everything"],
  ["analyze", "Transcribe and analyse"],
];

export class KeySection {
  element = h("div", { class: "keys" });
  #list = h("div", {}, waiting("Reading your keys", 1));
  #fresh = h("div", {});

  constructor() {
    const what = h("p", { class: "quiet-text" }, "For programs of yours: a key acts as you, within what you allow it.");
    this.element.append(what, this.#fresh, this.#list, this.#form());
    this.#refresh();
  }

  async #refresh() {
    try {
      const standing = (await api.keys()).filter(({ revoked_at }) => !revoked_at);
      const none = h("p", { class: "quiet-text" }, "You have none.");
      this.#list.replaceChildren(standing.length ? h("ul", { class: "rows", "aria-label": "API keys" }, ...standing.map((key) => this.#row(key))) : none);
    } catch (error) {
      this.#list.replaceChildren(failure("Your keys could not be read", error, () => this.#refresh()));
    }
  }

  #row(key) {
    const used = key.last_used_at ? `used ${dateTime(key.last_used_at)}` : "never used";
    const ends = key.ends_at ? `good until ${shortDate(key.ends_at)}` : "good until revoked";
    const about = h("div", {}, h("strong", {}, key.name), h("p", { class: "quiet-text" }, [key.scopes.map(scopeName).join(", "), used, ends].join(" · ")));
    const named = (label, act, kind) => {
      const made = button(label, act, kind);
      made.setAttribute("aria-label", `${label} ${key.name}`);
      return made;
    };
    const actions = [named("New secret", () => this.#rotate(key), "quiet"), named("Revoke", () => this.#revoke(key), "quiet danger")];
    return h("li", {}, about, h("div", { class: "actions" }, ...actions));
  }

  async #rotate(key) {
    const consequences = "The one before stays good for a day, so that you can put the new one in its place.";
    if (!(await ask(`A new secret for ${key.name}?`, consequences, "New secret"))) return;
    await this.#try(async () => this.#show(await api.rotateKey(key.id)));
  }

  async #revoke(key) {
    if (!(await ask(`Revoke ${key.name}?`, "Whatever uses it is turned away from now on.", "Revoke"))) return;
    await this.#try(() => api.revokeKey(key.id));
  }

  async #try(work) {
    try {
      await work();
    } catch (error) {
      return this.#fresh.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
    }
    return this.#refresh();
  }

  #show({ key, secret }) {
    const field = h("input", { class: "field mono", readonly: true, value: secret, "aria-label": `Secret of ${key.name}` });
    const copy = button("Copy", () => this.#copy(field, copy), "primary");
    const done = button("I have it", () => this.#fresh.replaceChildren(), "quiet");
    const warning = "This is shown once. Keep it where only you can read it.";
    this.#fresh.replaceChildren(
      h("div", { class: "secret", role: "group", "aria-label": "New secret" }, h("p", {}, h("strong", {}, key.name), ` · ${warning}`), field, h("div", { class: "actions" }, copy, done)),
    );
    field.select();
  }

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
    const scopes = SCOPES.map(([value, label], index) =>
      h("label", { class: "check" }, h("input", { type: "checkbox", name: "scopes", value, checked: index === 0 }), h("span", {}, label)),
    );
    const form = h(
      "form",
      { class: "form", onsubmit: (event) => (event.preventDefault(), this.#make(form)) },
      h("label", { class: "labelled" }, h("span", {}, "Name"), h("input", { class: "field", name: "name", required: true, maxlength: 100, placeholder: "What will use it" })),
      h("fieldset", { class: "choices" }, h("legend", {}, "It may"), ...scopes),
      h("label", { class: "labelled days" }, h("span", {}, "Good for"), h("input", { class: "field number", type: "number", name: "days", min: 1, max: 36_500 }), h("span", { class: "unit" }, "days; leave empty for no end")),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "plain" }, "Make the key")),
    );
    return h("details", { class: "new-key" }, h("summary", {}, "Make a key"), form);
  }

  #make(form) {
    const scopes = [...form.querySelectorAll("[name=scopes]:checked")].map(({ value }) => value);
    const { name, days } = form.elements;
    if (!scopes.length) return this.#fresh.replaceChildren(h("p", { class: "problem", role: "alert" }, "Choose what the key may do."));
    const wished = { name: name.value.trim(), scopes, ...(days.value ? { days: Number(days.value) } : {}) };
    return this.#try(async () => {
      this.#show(await api.makeKey(wished));
      form.reset();
      form.closest("details").open = false;
    });
  }
}

const scopeName = (scope) => SCOPES.find(([value]) => value === scope)?.[1].toLowerCase() ?? scope;
