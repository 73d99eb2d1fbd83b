/** The frame around every view: navigation, title, and the list's position. */

import { t } from "../texts/texts.js";
import { button, byId, h } from "./dom.js";

/** @import { PageConfig } from "../server/config.js" */

const SECTIONS = ["compose", "entry", "calendar", "search", "settings", "consent", "sign-in", "stopped"];
const VIEWS_WITH_LIST = new Set(["home", "entry"]);
const WIDE = matchMedia("(min-width: 60rem)");

export function prepare() {
  placeList();
  WIDE.addEventListener("change", placeList);
  byId("skip").addEventListener("click", () => byId("main").focus());
}

/**
 * Show one view.
 *
 * @param {string} view
 * @param {string} [title] unless the view sets its own
 */
export function show(view, title) {
  document.body.dataset.view = view;
  const section = view === "home" ? "compose" : view;
  for (const id of SECTIONS) byId(id).hidden = id !== section;
  byId("entries").hidden = !VIEWS_WITH_LIST.has(view);
  for (const link of byId("nav").querySelectorAll("a")) {
    const current = link.dataset.view === (view === "entry" ? "home" : view);
    if (current) link.setAttribute("aria-current", view === "entry" ? "true" : "page");
    else link.removeAttribute("aria-current");
  }
  document.title = title ? `${title} · SAMO journal` : "SAMO journal";
}

/**
 * Show an error in place of the whole page.
 *
 * @param {string} headline
 * @param {string} explanation
 * @param {() => void} [retry]
 */
export function showError(headline, explanation, retry) {
  show("stopped", headline);
  byId("stopped").replaceChildren(
    h("h1", {}, headline),
    h("p", { class: "lead" }, explanation),
    h("div", { class: "actions" }, retry && button(t("common.try_again"), retry, "plain")),
  );
}

/** State in the footer where the data is stored. @param {PageConfig} config */
export function showFooter({ accounts }) {
  byId("footer-note").textContent = accounts
    ? t("common.your_data_is_yours_export_or")
    : t("common.this_journal_is_stored_on_this");
}

/** @param {string | null} email */
export const showSignedIn = (email) => document.body.classList.toggle("with-account", email !== null);

/** The list comes first in a wide layout (left column), last in a narrow one (below). */
function placeList() {
  const [layout, list] = [byId("layout"), byId("entries")];
  if (WIDE.matches) layout.prepend(list);
  else layout.append(list);
}
