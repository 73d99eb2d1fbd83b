/** One entry: followed while it is being processed, read, played, edited, deleted. */

import { absence, facts, notices } from "./about.js";
import * as api from "../server/api.js";
import * as files from "../server/files.js";
import * as kept from "../server/kept.js";
import { Unreachable } from "../server/problems.js";
import { Arc } from "./arc.js";
import { ask } from "../common/dialog.js";
import { Slot, announce, button, byId, h } from "../common/dom.js";
import { editor } from "./editor.js";
import * as format from "../common/format.js";
import { waiting } from "../common/states.js";
import { emotionsCard, notice, summaryCard } from "./insight.js";
import { Feedback } from "./feedback.js";
import { Player } from "./player.js";
import { similarSection } from "./similar.js";
import { engines, news, stageList } from "./stages.js";
import { TranscriptView } from "./transcript.js";

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
  #similar = null;
  #feedback = new Feedback((entry) => this.#changed(entry));
  #player = null;
  #arc = null;
  #transcript = null;
  #heard = null;
  #onChange;
  #onDeleted;

  /** `onChange` hears the entry after each change, `onDeleted` the id of one that is gone. */
  constructor({ onChange, onDeleted }) {
    this.#onChange = onChange;
    this.#onDeleted = onDeleted;
    addEventListener("online", () => this.#old && this.open(this.#entry.id, byId("entry-back").hash));
  }

  /** Show an entry, and follow it until it is final; `back` is where the way back leads. */
  async open(id, back = "#/") {
    byId("entry-back").href = back;
    this.close();
    const opened = (this.#stop = () => {});
    this.#root.setAttribute("aria-busy", "true");
    this.#slots.notices.show("waiting", () => waiting("Reading the entry", 5));
    try {
      const [entry, old] = await this.#read(id);
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

  /** The entry, and whether it is only what this device remembers of it. */
  async #read(id) {
    try {
      return [await api.read(id), false];
    } catch (error) {
      const remembered = error instanceof Unreachable ? await kept.one(id) : null;
      if (!remembered?.transcript && remembered?.status !== "failed") throw error;
      return [remembered, true];
    }
  }

  /** Play or pause the recording; false where there is none. */
  playOrPause() {
    if (!this.#player || !this.#entry) return false;
    this.#player.toggle();
    return true;
  }

  close() {
    this.#stop();
    this.#player?.close();
    this.#feedback.close();
    [this.#entry, this.#player, this.#arc, this.#transcript, this.#similar] = [null, null, null, null, null];
    [this.#editing, this.#lost, this.#unplayable, this.#old, this.#heard] = [false, false, false, false, null];
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
    const said = news(this.#entry, entry);
    if (said) announce(said);
    this.#show(entry);
    this.#onChange(entry);
    if (api.isFinal(entry)) this.#compare(entry);
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

  #showContent({ insight, audio, transcript }) {
    const { summary, emotions, player, arc, transcript: words } = this.#slots;
    const points = insight.arc ?? [];
    const spoken = Boolean(transcript?.segments.some((segment) => typeof segment.start === "number"));
    const length = audio?.duration_s ?? transcript?.segments.at(-1)?.end ?? null;
    const url = this.#unplayable || this.#old ? null : (audio?.url ?? null);
    const onPick = url && spoken ? (segment) => this.#playMoment(segment) : null;
    summary.show([insight.summary, onPick !== null], () => insight.summary && summaryCard(insight.summary, onPick));
    const felt = [insight, this.#entry.feedback, this.#old, this.#feedback.state];
    const ask = this.#old ? null : this.#feedback;
    emotions.show(felt, () => (points.length ? emotionsCard(insight, ask?.of(this.#entry, () => this.#show(this.#entry))) : null));
    player.show(url, () => url && this.#playerCard(url, length));
    if (this.#player) this.#player.length = length;
    arc.show([points, spoken && length], () => this.#arcCard(points, spoken ? length : null));
    words.show([transcript, points, onPick !== null, this.#editing], () => this.#words(points, onPick));
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

  #playerCard(url, length) {
    this.#player = new Player(files.direct(url), length, {
      onFetch: () => files.fetched(url),
      onTime: (at, playing) => this.#played(at, playing),
      onGone: () => {
        this.#unplayable = true;
        this.#show(this.#entry, this.#lost);
      },
    });
    return this.#player.element;
  }

  #arcCard(points, duration) {
    this.#arc = null;
    if (points.length < 2) return null;
    const onPick = (segment) => this.#playMoment(segment);
    this.#arc = new Arc(points, this.#entry.transcript.segments, duration, onPick);
    return [h("h2", {}, "How it went"), this.#arc.element];
  }

  #words(points, onPick) {
    this.#transcript = null;
    const { transcript } = this.#entry;
    if (this.#editing) return this.#editor();
    if (!transcript?.text.trim()) return null;
    const onLook = (segment) => this.#arc?.highlight(segment);
    this.#transcript = new TranscriptView(transcript, points, { onPick, onLook });
    return [h("h2", {}, "In your words"), this.#transcript.element];
  }

  /** Play a spoken sentence; a written one is only shown. */
  #playMoment(segment) {
    this.#arc?.highlight(segment);
    const { start } = this.#entry.transcript.segments[segment];
    if (this.#player && !this.#unplayable && typeof start === "number") this.#player.playFrom(start);
  }

  #played(at, playing) {
    const segments = this.#entry?.transcript?.segments ?? [];
    const current = segments.findLastIndex(({ start }) => typeof start === "number" && start <= at + 0.05);
    const begun = playing || at > 0;
    this.#arc?.play(begun ? at : null);
    const heard = begun && current >= 0 ? current : null;
    if (heard === this.#heard) return;
    this.#heard = heard;
    if (heard !== null) this.#arc?.highlight(heard);
    this.#transcript?.highlight(heard);
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
    const missing = error.status === 404;
    const headline = missing ? "There is no such entry" : "This entry could not be read";
    const away = error instanceof Unreachable && !navigator.onLine;
    const offline = away && "It was not opened on this device before, so it can be read once you are online again.";
    const explanation = missing ? "It may have been deleted." : offline || error.message;
    const again = missing ? null : button("Try again", () => this.open(id), "plain");
    document.title = "SAMO journal";
    this.#slots.notices.show([headline, explanation, Date.now()], () => absence(headline, explanation, again));
  }
}
