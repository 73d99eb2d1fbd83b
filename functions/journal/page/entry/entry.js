/** One entry: followed while it is being processed, read, played, edited, deleted. */

import { ask } from "../common/dialog.js";
import { Slot, announce, button, byId, h } from "../common/dom.js";
import * as format from "../common/format.js";
import { waiting } from "../common/states.js";
import * as api from "../server/api.js";
import { Unreachable } from "../server/errors.js";
import { facts, notices } from "./details.js";
import { editor } from "./editor.js";
import { Feedback } from "./feedback.js";
import { emotionsCard, notice, summaryCard } from "./insight.js";
import { Moments } from "./playback.js";
import { read, unread } from "./loading.js";
import { similarSection } from "./similar.js";
import { engines, news, stageList } from "./stages.js";

const PARTS = [
  "head", "notices", "stages", "summary", "emotions", "arc", "player", "transcript", "similar", "engines",
];

export class EntryView {
  #root = byId("entry");
  #slots = Object.fromEntries(PARTS.map((part) => [part, new Slot(byId(`entry-${part}`))]));
  #stop = () => {};
  #entry = null;
  #editing = false;
  #lost = false;
  #unplayable = false;
  #old = false;
  #missed = null;
  #feedback = new Feedback((entry) => this.#changed(entry));
  #moments = new Moments(this.#slots, () => {
    this.#unplayable = true;
    this.#show(this.#entry, this.#lost);
  });
  #onChange;
  #onDeleted;

  /** `onChange` hears the entry after each change, `onDeleted` the id of one that is gone. */
  constructor({ onChange, onDeleted }) {
    this.#onChange = onChange;
    this.#onDeleted = onDeleted;
    addEventListener("online", () => {
      const again = this.#old ? this.#entry.id : this.#missed;
      if (again) this.open(again, byId("entry-back").hash);
    });
  }

  /** Show an entry, and follow it until it is final; `back` is where the way back leads. */
  async open(id, back = "#/") {
    byId("entry-back").href = back;
    this.close();
    const opened = (this.#stop = () => {});
    this.#root.setAttribute("aria-busy", "true");
    this.#slots.notices.show("waiting", () => waiting("Reading the entry", 5));
    try {
      const [entry, old] = await read(id);
      if (this.#stop !== opened) return;
      this.#old = old;
      this.#show(entry);
      this.#watch();
      byId("entry-title").focus({ preventScroll: true });
      this.#compare(entry);
    } catch (error) {
      if (this.#stop === opened) this.#failed(id, error);
    } finally {
      this.#root.removeAttribute("aria-busy");
    }
  }

  /** Play or pause the recording; false where there is none. */
  playOrPause() {
    return this.#moments.toggle();
  }

  close() {
    this.#stop();
    this.#moments.close();
    this.#feedback.close();
    [this.#entry, this.#missed] = [null, null];
    [this.#editing, this.#lost, this.#unplayable, this.#old] = [false, false, false, false];
    for (const slot of Object.values(this.#slots)) slot.show("closed", () => null);
  }

  #watch() {
    this.#stop();
    if (api.isFinal(this.#entry) || this.#old) return;
    const { id } = this.#entry;
    this.#stop = api.follow(id, {
      onEntry: (entry) => this.#changed(entry),
      onDeleted: () => this.#gone(id),
      onLost: () => this.#show(this.#entry, true),
    });
  }

  #changed(entry) {
    const [said, finished] = [news(this.#entry, entry), !api.isFinal(this.#entry) && api.isFinal(entry)];
    if (said) announce(said);
    this.#show(entry);
    this.#onChange(entry);
    if (finished) this.#compare(entry);
  }

  /** Other entries like it, where the journal can tell. */
  async #compare({ id, status }) {
    if (status !== "ready" || this.#old) return;
    const section = await similarSection(id);
    if (this.#entry?.id === id) this.#slots.similar.show([id, Date.now()], () => section);
  }

  #show(entry, lost = false) {
    this.#entry = entry;
    this.#lost = lost;
    document.title = `${format.date(entry)}, ${format.time(entry)} · SAMO journal`;
    this.#showAbout(entry);
    this.#showContent(entry);
  }

  #showAbout(entry) {
    const { head, notices: remarks, stages, engines: credits } = this.#slots;
    const { status, insight, audio, transcript } = entry;
    const final = api.isFinal(entry);
    head.show([facts(entry), this.#editing, transcript === null], () => this.#head());
    const remarkable = [status, entry.stages, insight.empty_reason, audio, this.#lost, this.#unplayable, this.#old];
    remarks.show(remarkable, () => this.#notices());
    stages.show(final ? null : entry.stages, () => (final ? null : stageList(entry.stages)));
    const used = engines(entry.stages);
    credits.show(used, () => used.length > 0 && h("p", {}, used.join(" · ")));
  }

  #showContent(entry) {
    const { summary, emotions } = this.#slots;
    const { insight, feedback } = entry;
    const playable = !this.#unplayable && !this.#old;
    this.#moments.show(entry, playable, this.#editing ? () => this.#editor() : null);
    const onPick = this.#moments.picks(playable);
    summary.show([insight.summary, onPick !== null], () => insight.summary && summaryCard(insight.summary, onPick));
    const own = this.#old ? null : this.#feedback.of(entry, () => this.#show(this.#entry, this.#lost));
    const felt = [insight, feedback, this.#old, this.#feedback.state];
    emotions.show(felt, () => insight.arc?.length > 0 && emotionsCard(insight, own));
  }

  #head() {
    const title = h("h1", { id: "entry-title", tabindex: -1 }, format.date(this.#entry));
    const edit = this.#editing || this.#old || !this.#entry.transcript ? null : button("Edit words", () => this.#edit());
    const remove = this.#old ? null : button("Delete", () => this.#delete(), "quiet danger");
    return [
      h("div", {}, title, h("p", { class: "facts" }, facts(this.#entry))),
      h("div", { class: "actions" }, edit, remove),
    ];
  }

  #notices() {
    const wordless = this.#entry.status === "failed" && !this.#entry.transcript;
    const remedy = wordless ? button("Write the words yourself", () => this.#edit(), "plain") : null;
    return notices(this.#entry, { lost: this.#lost, unplayable: this.#unplayable, old: this.#old, remedy });
  }

  #edit() {
    this.#editing = true;
    this.#show(this.#entry, this.#lost);
    byId("entry-transcript").querySelector("textarea").focus();
  }

  #editor() {
    const { transcript } = this.#entry;
    const timed = transcript?.segments.some((segment) => typeof segment.start === "number");
    return editor(transcript?.text ?? "", {
      hint: timed ? "Once the words change, the sentences no longer know their moments in the recording." : null,
      onSave: async (text) => {
        const entry = await api.edit(this.#entry.id, text);
        this.#endEditing(entry);
        this.#onChange(entry);
        this.#watch();
      },
      onCancel: () => this.#endEditing(this.#entry),
    });
  }

  #endEditing(entry) {
    this.#editing = false;
    this.#show(entry);
    byId("entry-title").focus();
  }

  async #delete() {
    const { id } = this.#entry;
    const consequences = "Its words and its recording are removed for good. This cannot be undone.";
    if (!(await ask("Delete this entry?", consequences, "Delete"))) return;
    try {
      await api.remove(id);
      this.#gone(id);
    } catch (error) {
      if (error.status === 404) this.#gone(id);
      else this.#slots.notices.show(error.message, () => notice("It could not be deleted", error.message));
    }
  }

  #gone(id) {
    this.close();
    this.#onDeleted(id);
  }

  #failed(id, error) {
    this.#missed = error instanceof Unreachable ? id : null;
    document.title = "SAMO journal";
    const again = () => this.open(id, byId("entry-back").hash);
    this.#slots.notices.show([id, Date.now()], () => unread(error, again));
  }
}
