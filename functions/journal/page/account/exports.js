/** Everything in one zip file: asked for, followed, downloaded. */

import { announce, button, h } from "../common/dom.js";
import { dateTime, plural, shortDate } from "../common/format.js";
import * as api from "../server/api.js";
import * as files from "../server/files.js";
import { wait } from "../server/http.js";

const OVER = new Set(["done", "failed", "cancelled"]);

export class ExportSection {
  #place = h("div", { class: "export" });
  #stopping = new AbortController();

  constructor() {
    const what = h("p", { class: "quiet-text" }, "All entries as JSON, and the recordings that are still kept, in one zip file.");
    this.element = h("div", {}, what, this.#place);
    this.#begin();
  }

  close() {
    this.#stopping.abort();
  }

  /** Where the newest export stands, if there is one. */
  async #begin() {
    this.#idle();
    try {
      const newest = (await api.jobs()).find(({ kind, state }) => kind === "export" && state !== "cancelled");
      if (newest) this.#follow(newest);
    } catch {
      // asking for one will say what is wrong
    }
  }

  #idle(before = "", action = "") {
    const ask = button(action ? "Export again" : "Export everything", () => this.#ask(), action ? "quiet" : "plain");
    this.#place.replaceChildren(before, h("div", { class: "actions" }, action, ask));
  }

  async #ask() {
    try {
      const job = await api.askForExport();
      announce("The export is being made.");
      await this.#follow(job);
    } catch (error) {
      this.#idle(problem(error.message));
    }
  }

  async #follow(job) {
    let [standing, pause] = [job, 300];
    const { signal } = this.#stopping;
    while (!signal.aborted && !OVER.has(standing.state)) {
      this.#show(standing);
      await wait(pause, signal);
      pause = Math.min(pause * 1.3, 5000);
      try {
        if (!signal.aborted) standing = await api.job(job.id);
      } catch (error) {
        return this.#idle(problem(error.message));
      }
    }
    if (!signal.aborted) this.#show(standing);
  }

  #show(job) {
    if (job.state === "failed") return this.#idle(problem("The export could not be made. Try again."));
    if (job.state === "cancelled") return this.#idle();
    if (job.state === "done") return this.#idle(...this.#ready(job));
    const said = job.total ? `${job.done} of ${plural(job.total, "entry", "entries")}` : "Gathering your entries…";
    const bar = h("progress", { max: job.total || 1, value: job.total ? job.done : null, "aria-label": "Export" });
    const stop = button("Stop", () => this.#cancel(job), "quiet");
    return this.#place.replaceChildren(h("p", { role: "status" }, said), bar, h("div", { class: "actions" }, stop));
  }

  #ready(job) {
    const said = `${plural(job.done, "entry", "entries")}, made ${dateTime(job.finished_at)}; kept until ${shortDate(job.expires_at)}.`;
    const get = button("Download", () => this.#download(job), "primary");
    return [h("p", { role: "status" }, "Your export is ready: ", said), get];
  }

  async #download(job) {
    try {
      await files.download(job.result, "samo.zip");
    } catch (error) {
      this.#idle(problem(error.message));
    }
  }

  async #cancel(job) {
    await api.cancelJob(job.id).catch(() => {});
  }
}

const problem = (message) => h("p", { class: "problem", role: "alert" }, message);
