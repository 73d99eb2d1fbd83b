/** Lists, creates, rotates and revokes API keys. A secret is shown only once. */

import { confirm } from "../common/dialog.js";
import { alertText, announce, button, h } from "../common/dom.js";
import { dateTime, shortDate } from "../common/format.js";
import { errorState, loadingState } from "../common/states.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { KeySecret, KeyView, Scope } from "../client/samo.js" */

/** @type {[Scope, string][]} */
const SCOPES = [
  ["entries:read", t("account.read_entries")],
  ["entries:write", t("account.create_and_edit_entries")],
  ["entries:delete", t("account.delete_entries")],
  ["entries:export", t("account.export_everything")],
  ["analyze", t("account.transcribe_and_analyse")],
];

export class ApiKeySection {
  element = h("div", { class: "keys" });
  #list = h("div", {}, loadingState(t("account.loading_your_api_keys"), 1));
  #message = h("div", {});

  constructor() {
    const description = t("account.an_api_key_lets_a_program");
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
          : h("p", { class: "quiet-text" }, t("account.you_have_no_api_keys")),
      );
    } catch (error) {
      this.#list.replaceChildren(errorState(t("account.your_api_keys_could_not_be"), error, () => this.#refresh()));
    }
  }

  /** @param {KeyView} key */
  #row(key) {
    const used = key.last_used_at ? t("account.used", { day: dateTime(key.last_used_at) }) : t("account.never_used");
    const valid = key.ends_at
      ? t("account.valid_until", { ends_at: shortDate(key.ends_at) })
      : t("account.valid_until_revoked");
    const scopes = key.scopes.map(scopeName).join(", ");
    const details = h("p", { class: "quiet-text" }, [scopes, used, valid].join(" · "));
    const rotate = button(t("account.rotate_secret"), () => this.#rotate(key), "quiet");
    const revoke = button(t("account.revoke"), () => this.#revoke(key), "quiet danger");
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
    const consequences = t("account.the_current_secret_stays_valid_for");
    if (!(await confirm(t("account.rotate", { name: key.name }), consequences, t("account.rotate_2")))) return;
    await this.#attempt(async () => this.#showSecret(await api.rotateKey(key.id)));
  }

  /** @param {KeyView} key */
  async #revoke(key) {
    if (
      !(await confirm(
        t("account.revoke_2", { name: key.name }),
        t("account.programs_that_use_it_lose_access"),
        t("account.revoke"),
      ))
    )
      return;
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
    const label = t("account.secret_of", { name: key.name });
    const field = h("input", { class: "field mono", readonly: true, value: secret, "aria-label": label });
    const copy = button(t("account.copy"), () => this.#copy(field, copy), "primary");
    const done = button(t("common.done"), () => this.#message.replaceChildren(), "quiet");
    const warning = h("p", {}, h("strong", {}, key.name), t("account.this_secret_is_shown_only_once"));
    const group = { class: "secret", role: "group", "aria-label": t("account.new_secret") };
    this.#message.replaceChildren(h("div", group, warning, field, h("div", { class: "actions" }, copy, done)));
    field.select();
  }

  /** @param {HTMLInputElement} field @param {HTMLElement} control */
  async #copy(field, control) {
    try {
      await navigator.clipboard.writeText(field.value);
      control.textContent = t("account.copied");
      announce(t("account.copied_2"));
    } catch {
      field.select();
      announce(t("account.press_ctrl_and_c_to_copy"));
    }
  }

  #form() {
    const name = h("input", {
      class: "field",
      name: "name",
      required: true,
      maxlength: 100,
      placeholder: t("account.what_will_use_it"),
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
      h("label", { class: "labelled" }, h("span", {}, t("account.name")), name),
      h("fieldset", { class: "choices" }, h("legend", {}, t("account.permissions")), ...scopes),
      h(
        "label",
        { class: "labelled days" },
        h("span", {}, t("account.valid_for")),
        days,
        h("span", { class: "unit" }, t("account.days_leave_empty_for_no_expiry")),
      ),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "plain" }, t("account.create_key"))),
    );
    return h("details", { class: "new-key" }, h("summary", {}, t("account.create_an_api_key")), form);
  }

  /** @param {HTMLFormElement} form @param {string} name @param {number | null} days */
  async #create(form, name, days) {
    const scopes = /** @type {Scope[]} */ (new FormData(form).getAll("scopes"));
    if (scopes.length === 0) {
      this.#message.replaceChildren(alertText(t("account.choose_at_least_one_permission")));
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
