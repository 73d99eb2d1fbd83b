/** DOM helpers. Content is always inserted as text, never parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false | 0} Child anything but a node or text is left out */

/**
 * Attributes by name; `on…` are event listeners. Null, undefined and false leave an attribute out.
 *
 * @typedef {{ [name: string]: unknown, onclick?: (event: MouseEvent) => unknown,
 *   onsubmit?: (event: SubmitEvent) => unknown, onchange?: (event: Event) => unknown,
 *   oninput?: (event: Event) => unknown }} Attributes
 */

/**
 * An HTML element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {(Child | Child[])[]} children
 */
export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/**
 * An SVG element.
 *
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {(Child | Child[])[]} children
 */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/**
 * @template {Element} T
 * @param {T} element
 * @param {Attributes} attributes
 * @param {(Child | Child[])[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(children.flat()));
  return element;
}

/**
 * The children that are not left out.
 *
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
export const present = (children) => children.filter((child) => child instanceof Node || typeof child === "string");

/** @param {string} id of an element in index.html */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id */
export const dialogById = (id) => /** @type {HTMLDialogElement} */ (document.getElementById(id));

/** @param {string} id */
export const buttonById = (id) => /** @type {HTMLButtonElement} */ (document.getElementById(id));

/** @param {string} label @param {(event: MouseEvent) => unknown} onclick @param {string} [kind] */
export const button = (label, onclick, kind = "quiet") => h("button", { type: "button", class: kind, onclick }, label);

/** An error message that screen readers announce. @param {string} message */
export const alertText = (message) => h("p", { class: "problem", role: "alert" }, message);

/** Have screen readers announce something, politely. @param {string} message */
export function announce(message) {
  byId("announce").textContent = message;
}

/** A part of the page that is rebuilt only when its inputs change, so that focus and playback survive updates. */
export class Slot {
  #inputs = "";

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /**
   * @param {unknown} inputs what the content depends on
   * @param {() => Child | Child[]} build
   */
  show(inputs, build) {
    const serialized = JSON.stringify(inputs);
    if (serialized === this.#inputs) return;
    this.#inputs = serialized;
    const content = present([build()].flat());
    this.element.replaceChildren(...content);
    this.element.hidden = content.length === 0;
  }
}
