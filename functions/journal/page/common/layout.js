/** What stands around every view: places, title, the list's side, what is said of the network. */

import { button, byId, h } from "./dom.js";

const VIEWS = ["compose", "entry", "calendar", "search", "settings", "consent", "sign-in", "stopped"];
const ELEMENT = { home: "compose" };
const WITH_LIST = new Set(["home", "entry"]);
const WIDE = matchMedia("(min-width: 60rem)");

export function prepare() {
  arrange();
  WIDE.addEventListener("change", arrange);
  byId("skip").addEventListener("click", () => byId("main").focus());
}

/** Show one view. A title is the whole of it where the view has none of its own to give. */
export function show(view, title) {
  document.body.dataset.view = view;
  for (const name of VIEWS) byId(name).hidden = name !== (ELEMENT[view] ?? view);
  byId("earlier").hidden = !WITH_LIST.has(view);
  for (const link of byId("places").querySelectorAll("a")) {
    const here = link.dataset.place === (view === "entry" ? "home" : view);
    if (here) link.setAttribute("aria-current", view === "entry" ? "true" : "page");
    else link.removeAttribute("aria-current");
  }
  document.title = title ? `${title} · SAMO journal` : "SAMO journal";
}

/** Nothing can be shown at all. */
export function stopped(headline, explanation, retry) {
  show("stopped", headline);
  const again = retry && button("Try again", retry, "plain");
  byId("stopped").replaceChildren(h("h1", {}, headline), h("p", { class: "lead" }, explanation), h("div", { class: "actions" }, again ?? ""));
}

export function about({ accounts }) {
  const here = "This journal is kept on this machine and answers this machine only.";
  byId("whereabouts").textContent = accounts ? "Your words are yours: export or delete them at any time." : here;
}

export const signedIn = (email) => document.body.classList.toggle("with-account", email !== null);

/** The list comes first where it stands on the left, and last where it stands below. */
function arrange() {
  const [layout, earlier] = [byId("layout"), byId("earlier")];
  if (WIDE.matches) layout.prepend(earlier);
  else layout.append(earlier);
}
