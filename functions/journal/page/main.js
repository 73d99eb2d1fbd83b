/** Entry point of the page: routes between views and connects them. */

import { ConsentView } from "./account/consent.js";
import { SettingsView } from "./account/settings.js";
import { SignInView } from "./account/sign_in.js";
import * as dialog from "./common/dialog.js";
import { announce, byId } from "./common/dom.js";
import * as keyboard from "./common/keyboard.js";
import * as layout from "./common/layout.js";
import * as offline from "./common/offline.js";
import { entryHash, parseLocation } from "./common/router.js";
import { Composer } from "./compose/composer.js";
import { hasPending } from "./compose/uploads.js";
import { EntryView } from "./entry/entry.js";
import { CalendarView } from "./journal/calendar.js";
import { SearchView } from "./journal/search.js";
import { Timeline } from "./journal/timeline.js";
import * as api from "./server/api.js";
import * as config from "./server/config.js";
import { messageOf } from "./server/errors.js";
import * as cache from "./server/offline_cache.js";
import * as session from "./server/session.js";
import { t, translate } from "./texts/texts.js";

/** @import { EntryView as Entry } from "./client/samo.js" */

/** @typedef {{ open(location: import("./common/router.js").Location): unknown, close?(): void }} View */

const timeline = new Timeline();
const entryView = new EntryView({ onChange: (entry) => timeline.update(entry), onDeleted });
const composer = new Composer(onSaved);
const calendar = new CalendarView();
const signInView = new SignInView();
/** @type {Record<string, View>} */
const VIEWS = {
  calendar,
  search: new SearchView(),
  settings: new SettingsView({ onSignedOut }),
  consent: new ConsentView(),
};
/** @type {Record<string, string>} */
const TITLES = {
  calendar: t("common.calendar"),
  search: t("common.search"),
  settings: t("common.settings"),
  consent: t("common.before_you_begin"),
};

/** Show the view that the address names. */
function route() {
  const location = parseLocation();
  const { view, id, query } = location;
  layout.show(view, TITLES[view]);
  if (view === "home") timeline.setFilter(query);
  timeline.select(view === "entry" ? id : null);
  for (const [name, other] of Object.entries(VIEWS)) if (name !== view) other.close?.();
  if (view !== "entry") entryView.close();
  scrollTo(0, 0);
  if (view === "entry" && id) entryView.open(id, timeline.hash);
  else VIEWS[view]?.open(location);
}

/** @param {Entry} entry */
function onSaved(entry) {
  timeline.update(entry);
  announce(t("common.saved"));
  const idle = !hasPending() && !composer.hasUnsaved;
  if (parseLocation().view === "home" && idle) location.hash = entryHash(entry.id);
}

/** @param {string} id */
function onDeleted(id) {
  timeline.remove(id);
  announce(t("page.entry_deleted"));
  if (parseLocation().id === id) location.replace(timeline.hash);
}

/**
 * Remove all data of a user who has signed out or deleted everything, before anyone else can sign in.
 *
 * @param {{ deleted?: boolean }} reason
 */
async function onSignedOut(reason) {
  session.forget();
  entryView.close();
  for (const view of Object.values(VIEWS)) view.close?.();
  timeline.clear();
  composer.clear();
  api.reset();
  await cache.clear();
  if (session.isRequired()) {
    showSignIn(reason);
    return;
  }
  location.hash = "#/";
  showJournal();
  announce(t("page.everything_has_been_deleted"));
}

/** Ask the user to sign in again. The draft stays, for the same user. @param {string} email */
function onExpired(email) {
  entryView.close();
  timeline.clear();
  api.reset();
  cache.clear();
  showSignIn({ expired: email });
}

/** @param {{ expired?: string, deleted?: boolean }} [reason] */
function showSignIn(reason = {}) {
  layout.show("sign-in", t("common.sign_in"));
  signInView.open(reason, (email) => {
    if (reason.expired && reason.expired !== email) composer.clear();
    showJournal();
  });
}

function showJournal() {
  layout.showSignedIn(session.email());
  route();
  timeline.refresh();
  calendar.refresh();
}

let focusComposer = false;

/** Go to the composer, from any view. */
function compose() {
  if (document.body.dataset.view === "home" && ["", "#/"].includes(location.hash)) {
    composer.focus();
    return;
  }
  focusComposer = true;
  location.hash = "#/";
}

function onHashChange() {
  const { view: before } = document.body.dataset;
  if (before === "sign-in") return;
  route();
  if (focusComposer) composer.focus();
  else if (parseLocation().view === "home" && before !== "home") byId("main").focus({ preventScroll: true });
  focusComposer = false;
}

function listen() {
  addEventListener("hashchange", onHashChange);
  addEventListener("signedout", (event) => onExpired(/** @type {CustomEvent} */ (event).detail.email));
  addEventListener("beforeunload", (event) => {
    if (composer.hasUnsaved || hasPending()) event.preventDefault();
  });
  listenToKeys();
}

function listenToKeys() {
  const isSignIn = () => document.body.dataset.view === "sign-in";
  const unlessSignIn = (/** @type {() => unknown} */ action) => () => (isSignIn() ? false : action());
  const goTo = (/** @type {string} */ hash) =>
    unlessSignIn(() => {
      location.hash = hash;
    });
  const move = (/** @type {number} */ by) => unlessSignIn(() => keyboard.moveFocus(listItems(), by));
  const moveFromItem = (/** @type {number} */ by) => () =>
    document.activeElement?.matches(".item") ? move(by)() : false;
  keyboard.listen({
    n: unlessSignIn(compose),
    "/": goTo("#/search"),
    c: goTo("#/calendar"),
    j: move(1),
    k: move(-1),
    ArrowDown: moveFromItem(1),
    ArrowUp: moveFromItem(-1),
    Escape: unlessSignIn(() => {
      if (parseLocation().view === "home") return false;
      location.hash = timeline.hash;
      return true;
    }),
    " ": unlessSignIn(() => entryView.playOrPause()),
  });
}

/** @returns {HTMLElement[]} */
function listItems() {
  const list = parseLocation().view === "search" ? "#search" : "#list";
  return [...document.querySelectorAll(/** @type {"a"} */ (`${list} .item`))];
}

async function start() {
  translate();
  layout.prepare();
  dialog.prepare();
  offline.prepare();
  let loaded;
  try {
    loaded = await config.load();
  } catch (error) {
    const reason = navigator.onLine ? t("page.it_may_be_starting_or_stopped") : messageOf(error);
    layout.showError(t("common.the_journal_is_not_responding"), reason, () => location.reload());
    return;
  }
  session.prepare(loaded.sign_in);
  layout.showFooter(loaded);
  if (loaded.accounts && !loaded.sign_in) {
    layout.showError(t("page.sign_in_is_not_set_up"), t("page.this_journal_has_accounts_but_sign"));
    return;
  }
  listen();
  if (session.isRequired() && !session.isSignedIn()) showSignIn();
  else showJournal();
}

start();
