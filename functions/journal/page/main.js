/** The page of a journal: which part of it is shown, and how the parts hear of each other. */

import { Composer } from "./composer.js";
import { prepare } from "./dialog.js";
import { announce, byId } from "./dom.js";
import { EntryView } from "./entry.js";
import { EntryList } from "./list.js";
import { anyPending } from "./uploads.js";

const HOME = "#/";
const WIDE = matchMedia("(min-width: 60rem)");

const list = new EntryList();
const view = new EntryView({ onChange: (entry) => list.update(entry), onDeleted: left });
const composer = new Composer(saved);

const addressed = () => /^#\/entries\/([\w-]+)$/.exec(location.hash)?.[1] ?? null;

function route() {
  const id = addressed();
  document.body.dataset.view = id ? "entry" : "home";
  byId("entry").hidden = !id;
  byId("compose").hidden = Boolean(id);
  list.select(id);
  scrollTo(0, 0);
  if (id) return view.open(id);
  view.close();
  document.title = "SAMO journal";
}

function saved(entry) {
  list.update(entry);
  announce("Saved.");
  if (!addressed() && !anyPending() && !composer.unsaved) location.hash = `#/entries/${entry.id}`;
}

function left(id) {
  list.forget(id);
  announce("The entry is deleted.");
  if (addressed() === id) location.replace(HOME);
}

/** The list comes first where it stands on the left, and last where it stands below. */
function arrange() {
  const [layout, earlier] = [byId("layout"), byId("earlier")];
  if (WIDE.matches) layout.prepend(earlier);
  else layout.append(earlier);
}

addEventListener("hashchange", () => {
  route();
  if (!addressed()) byId("main").focus({ preventScroll: true });
});
addEventListener("beforeunload", (event) => {
  if (composer.unsaved || anyPending()) event.preventDefault();
});
WIDE.addEventListener("change", arrange);
byId("skip").addEventListener("click", () => byId("main").focus());

prepare();
arrange();
route();
list.refresh();
