/** Signs users in, creates accounts and resets passwords. */

import { button, byId, h } from "../common/dom.js";
import { messageOf } from "../server/errors.js";
import * as session from "../server/session.js";

/** @typedef {{ expired?: string, deleted?: boolean }} Reason `expired`: the e-mail address of the session */

const MODES = {
  signIn: { title: "Sign in", submit: "Sign in", password: "current-password", minlength: null },
  signUp: { title: "Create an account", submit: "Create account", password: "new-password", minlength: 8 },
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
      h("label", { class: "labelled" }, h("span", {}, "Password"), password),
      h("label", { class: "check" }, stay, h("span", {}, "Stay signed in on this device")),
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
    if (this.#mode === "signUp") return [button("Sign in instead", switchTo("signIn"), "quiet")];
    return [
      button("Create an account", switchTo("signUp"), "quiet"),
      button("Forgot password?", () => this.#resetPassword(email, message), "quiet"),
    ];
  }

  #welcome() {
    if (this.#reason.deleted) return "Your account has been deleted and its data is being removed.";
    if (this.#reason.expired) return "Your session has expired. Sign in again to continue; your draft is still here.";
    return "Sign in to open your journal.";
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
      showMessage(message, "If an account with this address exists, a message has been sent to it.", "note");
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
