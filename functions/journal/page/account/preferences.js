/** What the person wishes of their journal: how long things are kept, and how they are read. */

import { announce, button, h } from "../common/dom.js";
import { dateTime, timezone } from "../common/format.js";
import { section } from "../common/states.js";
import * as api from "../server/api.js";

const AUDIO = [
  ["until_transcribed", "Until they are words"],
  ["days", "For some days"],
  ["kept", "Until I delete them"],
];
const LANGUAGES = ["en", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "tr", "uk", "zh"];

/** The form; it saves what has changed, and says so. */
export function wishes(account) {
  const form = h(
    "form",
    { class: "form", onsubmit: (event) => (event.preventDefault(), save(form)) },
    recordings(account),
    days("Entries are deleted after", "retention_days", account.retention_days ?? "", "days; leave empty to keep them", false),
    choice("Language I speak", "language", account.language, languages(account.language), "Not said"),
    choice("Time zone", "timezone", account.timezone, zones(account.timezone), `As this device says (${timezone})`),
    h("p", { class: "noted", role: "status", hidden: true }),
    h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, "Save")),
  );
  form.addEventListener("change", () => arrange(form));
  arrange(form);
  return form;
}

/** What was agreed to, where there is anything to agree to. */
export function consent({ required_consent: wanted, consent_version: given, consented_at: when }, changed) {
  if (!wanted) return null;
  const agreed = given === wanted;
  const said = agreed ? `You agreed to version ${given} on ${dateTime(when)}.` : "You have not agreed to how your words are looked after, so no entry can be made.";
  const read = h("a", { class: "plain", href: "#/consent" }, agreed ? "Read it" : "Read and agree");
  const back = agreed && button("Take it back", () => api.wish({ consent_version: null }).then(changed), "quiet danger");
  return section("Consent", [h("p", {}, said), h("div", { class: "actions" }, read, back)]);
}

function recordings({ audio_retention: chosen, audio_retention_days: number }) {
  const choices = AUDIO.map(([value, label]) => {
    const input = h("input", { type: "radio", name: "audio_retention", value, checked: value === chosen });
    return h("label", { class: "choice" }, input, h("span", {}, label));
  });
  return h("fieldset", { class: "choices" }, h("legend", {}, "Recordings are kept"), ...choices, days("For", "audio_retention_days", number, "days", true));
}

const days = (label, name, value, unit, required) =>
  h(
    "label",
    { class: "labelled days" },
    h("span", {}, label),
    h("input", { class: "field number", type: "number", name, min: 1, max: 36_500, value, required, inputmode: "numeric" }),
    h("span", { class: "unit" }, unit),
  );

function choice(label, name, chosen, options, none) {
  const items = options.map(([value, text]) => h("option", { value, selected: value === chosen }, text));
  return h("label", { class: "labelled" }, h("span", {}, label), h("select", { class: "field", name }, h("option", { value: "" }, none), ...items));
}

function languages(chosen) {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const codes = new Set([...LANGUAGES, ...(chosen ? [chosen] : [])]);
  return [...codes].map((code) => [code, names.of(code)]);
}

function zones(chosen) {
  const known = new Set([...Intl.supportedValuesOf("timeZone"), ...(chosen ? [chosen] : [])]);
  return [...known].sort().map((zone) => [zone, zone.replaceAll("_", " ")]);
}

function arrange(form) {
  const field = form.elements.audio_retention_days;
  const wanted = form.elements.audio_retention.value === "days";
  field.disabled = !wanted;
  field.closest("label").hidden = !wanted;
}

async function save(form) {
  const { audio_retention, audio_retention_days, retention_days, language, timezone: zone } = form.elements;
  const note = form.querySelector("[role=status]");
  note.hidden = true;
  try {
    await api.wish({
      audio_retention: audio_retention.value,
      ...(audio_retention_days.disabled ? {} : { audio_retention_days: Number(audio_retention_days.value) }),
      retention_days: retention_days.value ? Number(retention_days.value) : null,
      language: language.value || null,
      timezone: zone.value || null,
    });
    [note.textContent, note.className] = ["Saved.", "noted"];
    announce("Your settings are saved.");
  } catch (error) {
    [note.textContent, note.className] = [error.message, "problem"];
  }
  note.hidden = false;
}
