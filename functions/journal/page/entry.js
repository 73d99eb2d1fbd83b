/** One entry: followed while it is being processed, read, played, edited, deleted. */

import * as api from "./api.js";
import { Arc } from "./arc.js";
import { ask } from "./dialog.js";
import { Slot, announce, button, byId, h } from "./dom.js";
import { editor } from "./editor.js";
import * as format from "./format.js";
import { emotionsCard, emptyNotice, notice, summaryCard } from "./insight.js";
import { Player } from "./player.js";
import { engines, failures, news, stageList } from "./stages.js";
import { TranscriptView } from "./transcript.js";

const PARTS = ["head", "notices", "stages", "summary", "emotions", "arc", "player", "transcript", "engines"];

export class EntryView {
  #root = byId("entry");
  #slots = Object.fromEntries(PARTS.map((part) => [part, new Slot(byId(`entry-${part}`))]));
  #stop = () => {};
  #entry = null;
  #editing = false;
  #lost = false;
  #unplayable = false;
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
  }

  /** Show an entry, and follow it until it is final. */
  async open(id) {
    this.close();
    const opened = (this.#stop = () => {});
    this.#root.setAttribute("aria-busy", "true");
    try {
      const entry = await api.read(id);
      if (this.#stop !== opened) return;
      this.#show(entry);
      this.#watch();
      byId("entry-title").focus({ preventScroll: true });
    } catch (error) {
      if (this.#stop === opened) this.#failed(id, error);
    } finally {
      this.#root.removeAttribute("aria-busy");
    }
  }

  close() {
    this.#stop();
    this.#player?.close();
    [this.#entry, this.#player, this.#arc, this.#transcript] = [null, null, null, null];
    [this.#editing, this.#lost, this.#unplayable, this.#heard] = [false, false, false, null];
    for (const slot of Object.values(this.#slots)) slot.show("closed", () => null);
  }

  #watch() {
    this.#stop();
    if (api.isFinal(this.#entry)) return;
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
  }

  #show(entry, lost = false) {
    this.#entry = entry;
    this.#lost = lost;
    const { insight, stages, audio } = entry;
    document.title = `${format.date(entry)}, ${format.time(entry)} · SAMO journal`;
    const points = insight.arc ?? [];
    const timed = points.length > 0 && points.every((point) => point.start !== null);
    const length = audio?.duration_s ?? entry.transcript?.segments.at(-1)?.end ?? null;
    const playable = Boolean(audio?.url) && !this.#unplayable;
    const spoken = entry.transcript?.segments.some((segment) => typeof segment.start === "number");
    const onPick = playable && spoken ? (segment) => this.#playMoment(segment) : null;
    const slots = this.#slots;

    slots.head.show([entry.recorded_at, entry.timezone, audio, entry.source, entry.status, this.#editing], () => this.#head());
    slots.notices.show([entry.status, stages, insight.empty_reason, audio, lost, this.#unplayable], () => this.#notices());
    slots.stages.show(api.isFinal(entry) ? null : stages, () => (api.isFinal(entry) ? null : stageList(stages)));
    slots.summary.show([insight.summary, Boolean(onPick)], () => insight.summary && summaryCard(insight.summary, onPick));
    slots.emotions.show([insight, points.length], () => (points.length ? emotionsCard(insight) : null));
    slots.player.show(playable && audio.url, () => (playable ? this.#playerCard(audio.url, length) : null));
    if (this.#player) this.#player.length = length;
    slots.arc.show([points, timed && length], () => this.#arcCard(points, timed ? length : null));
    slots.transcript.show([entry.transcript, points, Boolean(onPick), this.#editing], () => this.#words(points, onPick));
    slots.engines.show(stages, () => h("p", {}, engines(stages).join(" · ")));
  }

  #head() {
    const { source, audio, transcript } = this.#entry;
    const facts = [
      format.time(this.#entry),
      format.foreignZone(this.#entry),
      source === "voice" ? "spoken" : "written",
      audio?.duration_s ? format.length(audio.duration_s) : null,
    ];
    const kept = audio?.url && audio.delete_after ? `recording kept until ${format.shortDate(audio.delete_after)}` : null;
    const deleted = audio && !audio.url ? "recording deleted, words kept" : null;
    return [
      h("div", {}, h("h1", { id: "entry-title", tabindex: -1 }, format.date(this.#entry)), h("p", { class: "facts" }, [...facts, kept, deleted].filter(Boolean).join(" · "))),
      h(
        "div",
        { class: "actions" },
        this.#editing || !transcript ? null : button("Edit words", () => this.#edit()),
        button("Delete", () => this.#delete(), "quiet danger"),
      ),
    ];
  }

  #notices() {
    const { status, stages, insight, audio } = this.#entry;
    return [
      this.#lost && notice("The journal does not answer", "Trying again; nothing is lost."),
      status === "awaiting_audio" && notice("The recording has not arrived yet", "This entry waits for its recording for a day."),
      audio?.partial && notice("The recording broke off", "Only its beginning could be read; what is here is what there was."),
      this.#unplayable && notice("The recording cannot be played here", "It may have been deleted meanwhile, or this browser does not know its format. The words stay."),
      ...failures(stages).map(([headline, why], index) => this.#failure(headline, why, index)),
      insight.empty_reason && emptyNotice(insight.empty_reason),
    ];
  }

  #failure(headline, why, index) {
    const byHand = index === 0 && !this.#entry.transcript && this.#entry.status === "failed";
    return notice(headline, why, byHand ? button("Write the words yourself", () => this.#edit(), "plain") : null);
  }

  #playerCard(url, length) {
    this.#player = new Player(url, length, {
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
    this.#transcript = new TranscriptView(transcript, points, { onPick, onLook: (segment) => this.#arc?.highlight(segment) });
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
    const sure = await ask("Delete this entry?", "Its words and its recording are removed from this machine. This cannot be undone.", "Delete");
    if (!sure) return;
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
    const explanation = missing ? "It may have been deleted." : error.message;
    const again = missing ? null : button("Try again", () => this.open(id), "plain");
    document.title = "SAMO journal";
    this.#slots.notices.show([headline, explanation], () => h("div", { class: "state" }, h("h1", { id: "entry-title", tabindex: -1 }, headline), h("p", {}, explanation), again));
  }
}
