/** Coming in: e-mail and password, a new account, a forgotten password. */

import { byId, button, h } from "../common/dom.js";
import * as session from "../server/session.js";

const WAYS = {
  in: { title: "Sign in", go: "Sign in", other: ["new", "Make an account"] },
  new: { title: "Make an account", go: "Make the account", other: ["in", "Sign in instead"] },
};

export class SignInView {
  #root = byId("sign-in");
  #way = "in";
  #reason = {};
  #onDone;

  /** `reason`: {again: e-mail} after a session ran out, {left: true} after an account was deleted. */
  open(reason, onDone) {
    [this.#reason, this.#onDone, this.#way] = [reason, onDone, "in"];
    this.#render(reason.again ?? "");
  }

  #render(email) {
    const { title, go, other } = WAYS[this.#way];
    const fresh = this.#way === "new";
    const form = h(
      "form",
      { class: "sheet form", onsubmit: (event) => (event.preventDefault(), this.#submit(form)) },
      field("E-mail", { type: "email", name: "email", autocomplete: "username", required: true, value: email }),
      field("Password", { type: "password", name: "password", autocomplete: fresh ? "new-password" : "current-password", required: true, minlength: fresh ? 8 : null }),
      h("label", { class: "check" }, h("input", { type: "checkbox", name: "stay" }), h("span", {}, "Stay signed in on this device")),
      h("p", { class: "problem", role: "alert", hidden: true }),
      h("button", { type: "submit", class: "primary wide" }, go),
    );
    const [way, label] = other;
    const others = [
      button(label, () => ((this.#way = way), this.#render(form.email.value)), "quiet"),
      !fresh && button("Forgot the password?", () => this.#reset(form), "quiet"),
    ];
    this.#root.replaceChildren(
      h("h1", { id: "sign-in-title", tabindex: -1 }, title),
      h("p", { class: "lead" }, this.#welcome()),
      form,
      h("div", { class: "actions centred" }, ...others.filter(Boolean)),
    );
    (email ? form.password : form.email).focus();
  }

  #welcome() {
    if (this.#reason.left) return "Your account is deleted, and everything in it is being removed. Take care.";
    if (this.#reason.again) return "Your sign-in is over. Sign in again to go on; what you were writing is still here.";
    return "Your journal opens for you alone.";
  }

  async #submit(form) {
    const { email, password, stay } = form;
    const go = form.querySelector("[type=submit]");
    go.disabled = true;
    this.#say(form, "");
    try {
      const enter = this.#way === "new" ? session.signUp : session.signIn;
      await enter(email.value.trim(), password.value, stay.checked);
      this.#root.replaceChildren();
      this.#onDone(email.value.trim());
    } catch (error) {
      go.disabled = false;
      this.#say(form, error.message);
      password.select();
    }
  }

  async #reset(form) {
    if (!form.email.reportValidity()) return;
    try {
      await session.sendPasswordReset(form.email.value.trim());
      this.#say(form, "If there is an account with this address, a mail is on its way to it.", "noted");
    } catch (error) {
      this.#say(form, error.message);
    }
  }

  #say(form, message, kind = "problem") {
    const place = form.querySelector("[role=alert]");
    place.textContent = message;
    place.className = kind;
    place.hidden = message === "";
  }
}

const field = (label, attributes) =>
  h("label", { class: "labelled" }, h("span", {}, label), h("input", { class: "field", ...attributes }));
