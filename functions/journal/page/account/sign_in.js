/** Signs users in, creates accounts and resets passwords. */

import { button, byId, h } from "../common/dom.js";
import { messageOf } from "../server/errors.js";
import * as session from "../server/session.js";
import { t } from "../texts/texts.js";

/** @typedef {{ expired?: string, deleted?: boolean }} Reason `expired`: the e-mail address of the session */

const MODES = {
  signIn: { title: t("common.sign_in"), submit: t("common.sign_in"), password: "current-password", minlength: null },
  signUp: {
    title: t("account.create_an_account"),
    submit: t("account.create_account"),
    password: "new-password",
    minlength: 8,
  },
};

export class SignInView {
  #root = byId("sign-in");
  /** @type {keyof typeof MODES} */
  #mode = "signIn";
  /** @type {Reason} */
  #reason = {};
  /** @type {(email: string) => unknown} */
  #onSignedIn = () => {};

  /** @param {Reason} reason @param {(email: string) => unknown} onSignedIn */
  open(reason, onSignedIn) {
    [this.#reason, this.#onSignedIn, this.#mode] = [reason, onSignedIn, "signIn"];
    this.#render(reason.expired ?? "");
  }

  /** @param {string} address */
  #render(address) {
    const { title, submit, password: autocomplete, minlength } = MODES[this.#mode];
    const email = input({ type: "email", name: "email", autocomplete: "username", value: address });
    const password = input({ type: "password", name: "password", autocomplete, minlength });
    const stay = h("input", { type: "checkbox", name: "stay" });
    const message = h("p", { class: "problem", role: "alert", hidden: true });
    const go = h("button", { type: "submit", class: "primary wide" }, submit);
    const fields = { email, password, stay, message, go };
    const onsubmit = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this.#submit(fields);
    };
    const form = h(
      "form",
      { class: "sheet form", onsubmit },
      h("label", { class: "labelled" }, h("span", {}, "E-mail"), email),
      h("label", { class: "labelled" }, h("span", {}, t("account.password")), password),
      h("label", { class: "check" }, stay, h("span", {}, t("account.stay_signed_in_on_this_device"))),
      message,
      go,
    );
    this.#root.replaceChildren(
      h("h1", { id: "sign-in-title", tabindex: -1 }, title),
      h("p", { class: "lead" }, this.#welcome()),
      form,
      h("div", { class: "actions centred" }, ...this.#otherActions(email, message)),
    );
    (address ? password : email).focus();
  }

  /** @param {HTMLInputElement} email @param {HTMLElement} message */
  #otherActions(email, message) {
    const switchTo = (/** @type {keyof typeof MODES} */ mode) => () => {
      this.#mode = mode;
      this.#render(email.value);
    };
    if (this.#mode === "signUp") return [button(t("account.sign_in_instead"), switchTo("signIn"), "quiet")];
    return [
      button(t("account.create_an_account"), switchTo("signUp"), "quiet"),
      button(t("account.forgot_password"), () => this.#resetPassword(email, message), "quiet"),
    ];
  }

  #welcome() {
    if (this.#reason.deleted) return t("account.your_account_has_been_deleted_and");
    if (this.#reason.expired) return t("account.your_session_has_expired_sign_in");
    return t("account.sign_in_to_open_your_journal");
  }

  /**
   * @param {{ email: HTMLInputElement, password: HTMLInputElement, stay: HTMLInputElement, message: HTMLElement,
   *   go: HTMLButtonElement }} fields
   */
  async #submit({ email, password, stay, message, go }) {
    const address = email.value.trim();
    go.disabled = true;
    showMessage(message, "");
    try {
      const enter = this.#mode === "signUp" ? session.signUp : session.signIn;
      await enter(address, password.value, stay.checked);
      this.#root.replaceChildren();
      this.#onSignedIn(address);
    } catch (error) {
      go.disabled = false;
      showMessage(message, messageOf(error));
      password.select();
    }
  }

  /** @param {HTMLInputElement} email @param {HTMLElement} message */
  async #resetPassword(email, message) {
    if (!email.reportValidity()) return;
    try {
      await session.sendPasswordReset(email.value.trim());
      showMessage(message, t("account.if_an_account_with_this_address"), "note");
    } catch (error) {
      showMessage(message, messageOf(error));
    }
  }
}

/** @param {HTMLElement} element @param {string} text @param {string} [kind] */
function showMessage(element, text, kind = "problem") {
  element.textContent = text;
  element.className = kind;
  element.hidden = text === "";
}

/** @param {Record<string, unknown>} attributes */
const input = (attributes) => h("input", { class: "field", required: true, ...attributes });
