/** The support note of an entry: a few calm words and help lines, shown in place of its scores. */

import { countryName } from "../common/countries.js";
import { alertText, button, byId, h } from "../common/dom.js";
import * as api from "../server/api.js";
import { messageOf } from "../server/errors.js";
import { t } from "../texts/texts.js";

/** @import { EntryView, HelpLine, SupportNote } from "../client/samo.js" */
/** @import { Child } from "../common/dom.js" */

const LANGUAGES = new Intl.DisplayNames("en", { type: "language" });

/**
 * The note or, once it is dismissed, the way back to it; nothing for an entry without one.
 *
 * @param {EntryView} entry
 * @param {((entry: EntryView) => void) | null} onChange called with the changed entry; null if it cannot be changed
 */
export function supportSection({ id, support }, onChange) {
  if (!support) return null;
  if (support.dismissed) return onChange && back(id, onChange);
  return [
    h("h2", { id: "support-title" }, t("entry.if_youd_like_to_talk_to")),
    h("p", {}, support.text),
    h("ul", { class: "help-lines" }, ...support.lines.map(line), emergency(support), directory(support)),
    place(support),
    onChange && choice(id, true, t("entry.show_my_insight_anyway"), onChange),
  ];
}

/** @param {string} id @param {(entry: EntryView) => void} onChange */
const back = (id, onChange) => choice(id, false, t("entry.show_the_help_lines_again"), onChange);

/** @param {HelpLine} line */
function line({ name, phone, text, chat, hours, languages }) {
  const spoken = languages.map((code) => LANGUAGES.of(code)).join(", ");
  return h(
    "li",
    {},
    h("strong", {}, name),
    h(
      "span",
      { class: "ways" },
      phone && way(t("entry.call"), call(phone)),
      text && way(t("entry.text"), h("span", { class: "number" }, text)),
      chat && way(t("entry.chat"), link(chat, new URL(chat).host)),
    ),
    h("span", { class: "quiet-text" }, [hours, spoken].filter(Boolean).join(" · ")),
  );
}

/** @param {string} kind @param {Child} how */
const way = (kind, how) => h("span", {}, `${kind}: `, how);

/** @param {string} phone */
const call = (phone) => h("a", { class: "number", href: `tel:${phone.replace(/[^+\d]/g, "")}` }, phone);

/** A link that tells the other site nothing. @param {string} href @param {string} label */
const link = (href, label) => h("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);

/** @param {SupportNote} note */
const emergency = ({ emergency: number }) =>
  number &&
  h(
    "li",
    {},
    h("strong", {}, t("entry.emergency_number")),
    h("span", { class: "ways" }, way(t("entry.call"), call(number))),
  );

/** @param {SupportNote} note */
const directory = ({ country, directory: { name, url } }) =>
  h(
    "li",
    {},
    h("strong", {}, country ? t("entry.in_other_countries") : t("entry.help_lines_in_many_countries")),
    h("span", { class: "ways" }, link(url, name)),
  );

/** @param {SupportNote} note */
function place({ country }) {
  const here = country ? t("entry.country", { country: countryName(country) }) : "";
  const change = h("a", { href: "#/settings" }, country ? t("entry.change_it") : t("entry.choose_your_country"));
  return h("p", { class: "quiet-text" }, here, change);
}

/** @param {string} id @param {boolean} dismissed @param {string} label @param {(entry: EntryView) => void} onChange */
function choice(id, dismissed, label, onChange) {
  const problem = h("div");
  const choose = async () => {
    try {
      onChange(await api.dismissSupport(id, dismissed));
      byId("entry-title").focus();
    } catch (error) {
      problem.replaceChildren(alertText(messageOf(error)));
    }
  };
  return h("div", { class: "support-choice" }, button(label, choose, "quiet"), problem);
}
