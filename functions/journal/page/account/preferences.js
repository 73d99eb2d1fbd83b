/** Preferences (retention, language, time zone, country, training) and consent. */

import { countryCodes, countryName } from "../common/countries.js";
import { announce, button, h } from "../common/dom.js";
import { dateTime, timezone } from "../common/format.js";
import { section } from "../common/states.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { AccountView, AccountChanges } from "../client/samo.js" */

const AUDIO_RETENTION = [
  ["until_transcribed", t("account.until_transcribed")],
  ["days", t("account.for_a_number_of_days")],
  ["kept", t("account.until_i_delete_them")],
];
const LANGUAGES = ["en", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "tr", "uk", "zh"];

/** @param {AccountView} account */
export function preferencesForm(account) {
  const status = h("p", { class: "note", role: "status", hidden: true });
  const retentionDays = dayInput("retention_days", account.retention_days, false);
  const form = h(
    "form",
    { class: "form" },
    audioRetention(account),
    daysField(t("account.entries_are_deleted_after"), retentionDays, t("account.days_leave_empty_to_keep_them")),
    select(
      t("account.spoken_language"),
      "language",
      account.language,
      languages(account.language),
      t("account.not_set"),
    ),
    select(
      t("account.time_zone"),
      "timezone",
      account.timezone,
      timeZones(account.timezone),
      t("account.device_time_zone", { timezone }),
    ),
    select(t("account.country_for_help_lines"), "country", account.country, countries(), t("account.not_set")),
    sharing(account),
    status,
    h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, t("common.save"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form, status);
  });
  return form;
}

/** The state of the user's consent; null if there are no terms. @param {AccountView} account @param {() => unknown} onChange */
export function consentSection({ required_consent: required, consent_version: accepted, consented_at }, onChange) {
  if (!required) return null;
  const agreed = accepted === required;
  const text = agreed
    ? consented_at
      ? t("account.agreed_on", { accepted: accepted ?? "", day: dateTime(consented_at) })
      : t("account.agreed", { accepted: accepted ?? "" })
    : t("account.you_have_not_agreed_to_the");
  const read = h(
    "a",
    { class: "plain", href: "#/consent" },
    agreed ? t("account.read_the_terms") : t("common.read_and_agree"),
  );
  const withdraw = async () => {
    await api.updateAccount({ consent_version: null });
    onChange();
  };
  const actions = [read, agreed && button(t("account.withdraw_consent"), withdraw, "quiet danger")];
  return section(t("account.consent"), [h("p", {}, text), h("div", { class: "actions" }, ...actions)]);
}

/** @param {AccountView} account */
function audioRetention({ audio_retention: current, audio_retention_days: days }) {
  const input = dayInput("audio_retention_days", days, true);
  const field = daysField(t("account.number_of_days"), input, t("account.days"));
  const showDays = (/** @type {boolean} */ shown) => {
    input.disabled = !shown;
    field.hidden = !shown;
  };
  const choices = AUDIO_RETENTION.map(([value, label]) => {
    const onchange = () => showDays(value === "days");
    const radio = h("input", { type: "radio", name: "audio_retention", value, checked: value === current, onchange });
    return h("label", { class: "choice" }, radio, h("span", {}, label));
  });
  showDays(current === "days");
  return h("fieldset", { class: "choices" }, h("legend", {}, t("account.recordings_are_kept")), ...choices, field);
}

/** @param {AccountView} account */
function sharing({ share_corrections: shared }) {
  const box = h("input", { type: "checkbox", name: "share_corrections", checked: shared === true });
  const explanation = t("account.the_journals_operator_then_gets_the");
  return h(
    "fieldset",
    {},
    h("legend", {}, t("account.training")),
    h("label", { class: "check" }, box, h("span", {}, t("account.my_corrections_may_be_used_to"))),
    h("p", { class: "quiet-text" }, explanation),
  );
}

/** @param {string} name @param {number | null} value @param {boolean} required */
const dayInput = (name, value, required) =>
  h("input", {
    class: "field number",
    type: "number",
    name,
    min: 1,
    max: 36_500,
    value: value ?? "",
    required,
    inputmode: "numeric",
  });

/** @param {string} label @param {HTMLInputElement} input @param {string} unit */
const daysField = (label, input, unit) =>
  h("label", { class: "labelled days" }, h("span", {}, label), input, h("span", { class: "unit" }, unit));

/**
 * @param {string} label
 * @param {string} name
 * @param {string | null} current
 * @param {(string | undefined)[][]} options values and labels
 * @param {string} none the label for no value
 */
function select(label, name, current, options, none) {
  const items = options.map(([value, text]) => h("option", { value, selected: value === current }, text));
  const field = h("select", { class: "field", name }, h("option", { value: "" }, none), ...items);
  return h("label", { class: "labelled" }, h("span", {}, label), field);
}

/** @param {string | null} current */
function languages(current) {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const codes = new Set([...LANGUAGES, ...(current ? [current] : [])]);
  return [...codes].map((code) => [code, names.of(code)]);
}

/** @param {string | null} current */
function timeZones(current) {
  const zones = new Set([...Intl.supportedValuesOf("timeZone"), ...(current ? [current] : [])]);
  return [...zones].sort().map((zone) => [zone, zone.replaceAll("_", " ")]);
}

const countries = () => countryCodes().map((code) => [code, countryName(code)]);

/** @param {HTMLFormElement} form @returns {AccountChanges} */
function valuesOf(form) {
  const values = new FormData(form); // leaves out disabled fields
  const text = (/** @type {string} */ name) => String(values.get(name) ?? "") || null;
  const number = (/** @type {string} */ name) => (values.get(name) ? Number(values.get(name)) : null);
  return {
    audio_retention: /** @type {AccountChanges["audio_retention"]} */ (text("audio_retention")),
    ...(values.has("audio_retention_days") ? { audio_retention_days: number("audio_retention_days") } : {}),
    retention_days: number("retention_days"),
    language: text("language"),
    timezone: text("timezone"),
    country: text("country"),
    share_corrections: values.has("share_corrections"),
  };
}

/** @param {HTMLFormElement} form @param {HTMLElement} status */
async function save(form, status) {
  status.hidden = true;
  try {
    await api.updateAccount(valuesOf(form));
    [status.textContent, status.className] = [t("common.saved"), "note"];
    announce(t("account.your_settings_are_saved"));
  } catch (error) {
    [status.textContent, status.className] = [messageOf(error), "problem"];
  }
  status.hidden = false;
}
