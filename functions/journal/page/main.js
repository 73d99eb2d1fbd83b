/** The page of a journal: which part of it is shown, and how the parts hear of each other. */

import { ConsentView } from "./account/consent.js";
import { SettingsView } from "./account/settings.js";
import { SignInView } from "./account/sign_in.js";
import * as dialog from "./common/dialog.js";
import { announce, byId } from "./common/dom.js";
import * as frame from "./common/layout.js";
import * as keyboard from "./common/keyboard.js";
import * as offline from "./common/offline.js";
import { entryAddress, homeAddress, place } from "./common/router.js";
import { EntryView } from "./entry/entry.js";
import { CalendarView } from "./journal/calendar.js";
import { SearchView } from "./journal/search.js";
import { Timeline } from "./journal/timeline.js";
import { Composer } from "./compose/composer.js";
import { anyPending } from "./compose/uploads.js";
import * as config from "./server/config.js";
import * as kept from "./server/offline_cache.js";
import * as session from "./server/session.js";

const timeline = new Timeline();
const entry = new EntryView({ onChange: (changed) => timeline.update(changed), onDeleted: deleted });
const composer = new Composer(saved);
const [calendar, search, settings] = [new CalendarView(), new SearchView(), new SettingsView({ onLeft: left })];
const [consent, signIn] = [new ConsentView(), new SignInView()];
const ROOMS = { calendar, search, settings, consent };

function route() {
  const { view, id, query } = place();
  frame.show(view, TITLES[view]);
  if (view === "home") timeline.filter(query);
  timeline.select(view === "entry" ? id : null);
  for (const [name, room] of Object.entries(ROOMS)) if (name !== view) room.close?.();
  if (view !== "entry") entry.close();
  scrollTo(0, 0);
  if (view === "entry") return entry.open(id, timeline.address);
  return ROOMS[view]?.open({ id, query });
}

const TITLES = { calendar: "Calendar", search: "Search", settings: "Settings", consent: "Before you begin" };

function saved(made) {
  timeline.update(made);
  announce("Saved.");
  if (place().view === "home" && !anyPending() && !composer.unsaved) location.hash = entryAddress(made.id);
}

function deleted(id) {
  timeline.forget(id);
  announce("The entry is deleted.");
  if (place().id === id) location.replace(timeline.address);
}

/** Everything of whoever was here is forgotten; only then may somebody else come in. */
async function left(reason) {
  session.forget();
  forget();
  await kept.clear();
  if (session.needed()) return ask(reason);
  location.hash = "#/";
  begin();
  announce("Everything is deleted.");
}

function forget() {
  entry.close();
  for (const room of Object.values(ROOMS)) room.close?.();
  timeline.clear();
  composer.clear();
}

/** A session that ran out keeps what is being written, for the same person to come back to. */
function ranOut({ detail }) {
  const by = detail.by;
  entry.close();
  timeline.clear();
  kept.clear();
  ask({ again: by });
}

function ask(reason = {}) {
  frame.show("sign-in", "Sign in");
  signIn.open(reason, (email) => {
    if (reason.again && reason.again !== email) composer.clear();
    begin();
  });
}

function begin() {
  frame.signedIn(session.who());
  route();
  timeline.refresh();
  calendar.forget();
}

let composing = false;

/** To where an entry begins, from wherever the person is. */
function compose() {
  if (document.body.dataset.view === "home" && ["", "#/"].includes(location.hash)) return composer.focus();
  composing = true;
  location.hash = "#/";
}

function listen() {
  addEventListener("hashchange", () => {
    const { view: before } = document.body.dataset;
    if (before === "sign-in") return;
    route();
    if (composing) composer.focus();
    else if (place().view === "home" && before !== "home") byId("main").focus({ preventScroll: true });
    composing = false;
  });
  addEventListener("signedout", ranOut);
  addEventListener("beforeunload", (event) => {
    if (composer.unsaved || anyPending()) event.preventDefault();
  });
  const items = () => [...document.querySelectorAll(place().view === "search" ? "#search .item" : "#list .item")];
  const unless = (action) => () => (document.body.dataset.view === "sign-in" ? false : action());
  const step = (by) => unless(() => keyboard.step(items(), by));
  keyboard.listen({
    n: unless(compose),
    "/": unless(() => (location.hash = "#/search")),
    c: unless(() => (location.hash = "#/calendar")),
    j: step(1),
    k: step(-1),
    ArrowDown: () => document.activeElement?.matches(".item") && step(1)(),
    ArrowUp: () => document.activeElement?.matches(".item") && step(-1)(),
    Escape: unless(() => place().view !== "home" && (location.hash = timeline.address)),
    " ": unless(() => entry.playOrPause()),
  });
}

async function start() {
  frame.prepare();
  dialog.prepare();
  offline.prepare();
  let told;
  try {
    told = await config.read();
  } catch (error) {
    const why = navigator.onLine ? "It may be starting, or stopped. Nothing in it is lost." : error.message;
    return frame.stopped("The journal does not answer", why, () => location.reload());
  }
  session.prepare(told.sign_in);
  frame.about(told);
  if (told.accounts && !told.sign_in) return frame.stopped(...NOT_SET_UP);
  listen();
  if (session.needed() && !session.signedIn()) ask();
  else begin();
}

const NOT_SET_UP = [
  "This journal has accounts, but not on this page",
  "Whoever runs it has not set up signing in here. Its API answers whoever has a token.",
];

start();
