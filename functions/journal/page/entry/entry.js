/** Shows an entry: follows its processing, plays, edits and deletes it. */

import { confirm } from "../common/dialog.js";
import { announce, button, byId, h, Slot } from "../common/dom.js";
import * as format from "../common/format.js";
import { loadingState } from "../common/states.js";
import { shown, showsNote } from "../common/support.js";
import * as api from "../server/api.js";
import { isNotFound, messageOf, Unreachable } from "../server/errors.js";
import { t } from "../texts/texts.js";
import { againButtons } from "./again.js";
import { Evidence } from "./claims.js";
import { Corrections } from "./corrections.js";
import { facts, notices } from "./details.js";
import { editor } from "./editor.js";
import { emotionsCard, hasInsight, notice, summaryCard } from "./insight.js";
import { loadEntry, loadError } from "./loading.js";
import { Playback } from "./playback.js";
import { similarSection } from "./similar.js";
import { announcement, models, stageList } from "./stages.js";
import { supportSection } from "./support.js";

/** @import { EntryView as Entry } from "../client/samo.js" */

const slot = (/** @type {string} */ part) => new Slot(byId(`entry-${part}`));

/** The state of the view. */
const INITIAL = { editing: false, disconnected: false, unplayable: false, cached: false };

export class EntryView {
  #root = byId("entry");
  #back = /** @type {HTMLAnchorElement} */ (byId("entry-back"));
  #slots = {
    head: slot("head"),
    notices: slot("notices"),
    support: slot("support"),
    stages: slot("stages"),
    summary: slot("summary"),
    emotions: slot("emotions"),
    corrections: slot("corrections"),
    arc: slot("arc"),
    player: slot("player"),
    transcript: slot("transcript"),
    similar: slot("similar"),
    models: slot("models"),
  };
  #stopFollowing = () => {};
  /** @type {Entry | null} */
  #entry = null;
  #state = INITIAL;
  /** @type {string | null} The entry to load again when the browser is online. */
  #failedId = null;
  #corrections = new Corrections({ onChange: (entry) => this.#update(entry), redraw: () => this.#setState({}) });
  #playback = new Playback(this.#slots, () => this.#setState({ unplayable: true }));
  #onChange;
  #onDeleted;

  /** @param {{ onChange: (entry: Entry) => void, onDeleted: (id: string) => void }} listener */
  constructor({ onChange, onDeleted }) {
    this.#onChange = onChange;
    this.#onDeleted = onDeleted;
    addEventListener("online", () => {
      const id = this.#state.cached ? (this.#entry?.id ?? null) : this.#failedId;
      if (id) this.open(id, this.#back.hash);
    });
  }

  /** Show an entry, and follow it until it is final. @param {string} id @param {string} [back] where "back" leads */
  async open(id, back = "#/") {
    this.#back.href = back;
    this.close();
    const opened = () => {};
    this.#stopFollowing = opened; // identifies this call: a later one replaces it
    this.#root.setAttribute("aria-busy", "true");
    this.#slots.notices.show("loading", () => loadingState(t("entry.loading_the_entry"), 5));
    try {
      const { entry, cached } = await loadEntry(id);
      if (this.#stopFollowing !== opened) return;
      this.#state = { ...INITIAL, cached };
      this.#show(entry);
      this.#follow(entry);
      byId("entry-title").focus({ preventScroll: true });
      this.#showSimilar(entry);
    } catch (error) {
      if (this.#stopFollowing === opened) this.#showError(id, error);
    } finally {
      this.#root.removeAttribute("aria-busy");
    }
  }

  /** Play or pause the recording; returns false if there is none. */
  playOrPause() {
    return this.#playback.toggle();
  }

  close() {
    this.#stopFollowing();
    this.#playback.close();
    this.#corrections.close();
    [this.#entry, this.#failedId, this.#state] = [null, null, INITIAL];
    for (const part of Object.values(this.#slots)) part.show("closed", () => null);
  }

  /** @param {Entry} entry */
  #follow(entry) {
    this.#stopFollowing();
    if (api.isFinal(entry) || this.#state.cached) return;
    this.#stopFollowing = api.followEntry(entry.id, {
      onEntry: (changed) => this.#update(changed),
      onDeleted: () => this.#leave(entry.id),
      onLost: () => this.#setState({ disconnected: true }),
    });
  }

  /** @param {Entry} entry */
  #update(entry) {
    const before = this.#entry;
    const message = announcement(before, entry);
    if (message) announce(message);
    this.#state = { ...this.#state, disconnected: false };
    this.#show(entry);
    this.#onChange(entry);
    const appeared = before && (!api.isFinal(before) || showsNote(before) !== showsNote(entry));
    if (appeared && api.isFinal(entry)) this.#showSimilar(entry);
  }

  /** @param {Partial<typeof INITIAL>} changes */
  #setState(changes) {
    this.#state = { ...this.#state, ...changes };
    if (this.#entry) this.#show(this.#entry);
  }

  /** @param {Entry} entry */
  async #showSimilar(entry) {
    const { id, status } = entry;
    if (status !== "ready" || this.#state.cached) return;
    const section = showsNote(entry) ? null : await similarSection(id);
    if (this.#entry?.id === id) this.#slots.similar.show([id, Date.now()], () => section);
  }

  /** @param {Entry} entry */
  #show(entry) {
    this.#entry = entry;
    document.title = `${format.date(entry)}, ${format.time(entry)} · SAMO journal`;
    this.#showDetails(entry);
    this.#showContent(shown(entry));
  }

  /** @param {Entry} entry */
  #showDetails(entry) {
    const { status, stages, insight, audio, transcript, revision, language } = entry;
    const final = api.isFinal(entry);
    const { editing } = this.#state;
    this.#slots.head.show([facts(entry), editing, transcript === null], () => this.#head(entry));
    const reason = [insight.empty_reason, language];
    const noticed = [status, stages, reason, audio, transcript === null, revision, this.#state];
    this.#slots.notices.show(noticed, () => this.#notices(entry));
    const onChoice = this.#state.cached ? null : (/** @type {Entry} */ changed) => this.#update(changed);
    this.#slots.support.show([entry.support, onChoice !== null], () => supportSection(entry, onChoice));
    this.#slots.stages.show(final ? null : stages, () => (final ? null : stageList(stages)));
    const used = models(stages);
    this.#slots.models.show(used, () => used.length > 0 && h("p", {}, used.join(" · ")));
  }

  /** @param {Entry} entry */
  #showContent(entry) {
    const { insight } = entry;
    const { editing, unplayable, cached } = this.#state;
    const playable = !unplayable && !cached;
    this.#playback.show(entry, playable, editing ? () => this.#editor(entry) : null);
    const onPick = this.#playback.picker(playable);
    this.#slots.summary.show([insight, onPick !== null], () => summaryCard(insight, onPick));
    const judged = hasInsight(entry) && !showsNote(entry);
    const { state } = this.#corrections;
    const card = () => emotionsCard(insight, this.#evidence(entry, onPick), !cached && this.#corrections.toggle());
    this.#slots.emotions.show([insight, cached, onPick !== null, judged, state], () => judged && card());
    const panel = () => (judged && !cached ? this.#corrections.panel(entry) : null);
    this.#slots.corrections.show([insight, entry.revision, cached, judged, state], panel);
  }

  /** @param {Entry} entry @param {((segment: number) => void) | null} onPick */
  #evidence({ transcript }, onPick) {
    const show = onPick ?? ((/** @type {number} */ segment) => this.#playback.reveal(segment));
    return new Evidence(transcript?.segments ?? [], show, onPick !== null);
  }

  /** @param {Entry} entry */
  #head(entry) {
    const { editing, cached } = this.#state;
    const title = h("h1", { id: "entry-title", tabindex: -1 }, format.date(entry));
    const edit = !editing && !cached && entry.transcript && button(t("entry.edit_text"), () => this.#edit());
    const remove = !cached && button(t("entry.delete"), () => this.#delete(entry.id), "quiet danger");
    return [
      h("div", {}, title, h("p", { class: "facts" }, facts(entry))),
      h("div", { class: "actions" }, edit, remove),
    ];
  }

  /** @param {Entry} entry */
  #notices(entry) {
    const canWrite = entry.status === "failed" && !entry.transcript;
    const remedy = canWrite && button(t("entry.write_the_text_yourself"), () => this.#edit(), "plain");
    const again = againButtons(entry, this.#state.cached, (engine) => this.#transcribeAgain(entry.id, engine));
    return notices(entry, { ...this.#state, remedy, again });
  }

  /** @param {string} id @param {"moonshine" | "whisper"} [engine] */
  async #transcribeAgain(id, engine) {
    try {
      const entry = await api.transcribeAgain(id, engine);
      if (this.#entry?.id !== id) return;
      this.#update(entry);
      this.#follow(entry);
    } catch (error) {
      announce(messageOf(error));
    }
  }

  #edit() {
    this.#setState({ editing: true });
    byId("entry-transcript").querySelector("textarea")?.focus();
  }

  /** @param {Entry} entry */
  #editor({ id, transcript }) {
    const timed = transcript?.segments.some(({ start }) => typeof start === "number");
    return editor(transcript?.text ?? "", {
      hint: timed ? t("entry.sentences_stay_linked") : null,
      onSave: async (text) => {
        const edited = await api.editEntry(id, text);
        this.#endEditing(edited);
        this.#onChange(edited);
        this.#follow(edited);
      },
      onCancel: () => this.#entry && this.#endEditing(this.#entry),
    });
  }

  /** @param {Entry} entry */
  #endEditing(entry) {
    this.#state = { ...this.#state, editing: false };
    this.#show(entry);
    byId("entry-title").focus();
  }

  /** @param {string} id */
  async #delete(id) {
    const consequences = t("entry.its_text_and_recording_are_deleted");
    if (!(await confirm(t("entry.delete_this_entry"), consequences, t("entry.delete")))) return;
    try {
      await api.deleteEntry(id);
      this.#leave(id);
    } catch (error) {
      if (isNotFound(error)) this.#leave(id);
      else
        this.#slots.notices.show(Date.now(), () => notice(t("entry.the_entry_could_not_be_deleted"), messageOf(error)));
    }
  }

  /** @param {string} id of an entry that has been deleted */
  #leave(id) {
    this.close();
    this.#onDeleted(id);
  }

  /** @param {string} id @param {unknown} error */
  #showError(id, error) {
    this.#failedId = error instanceof Unreachable ? id : null;
    document.title = "SAMO journal";
    const retry = () => this.open(id, this.#back.hash);
    this.#slots.notices.show([id, Date.now()], () => loadError(error, retry));
  }
}
