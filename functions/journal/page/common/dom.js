/** Elements without markup: whatever a journal says is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

export const h = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);

/** `on…` attributes are listeners; null, undefined and false leave attributes and children out. */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

export const button = (label, onclick, kind = "quiet") => h("button", { type: "button", class: kind, onclick }, label);

/** Tell a screen reader, politely. */
export function announce(message) {
  byId("announce").textContent = message;
}

/** Rebuilds a part of the page only when what it shows has changed, so focus and playback survive updates. */
export class Slot {
  #shown;

  constructor(element) {
    this.element = element;
  }

  /** `build` returns a node, a list of nodes, or null for nothing. */
  show(inputs, build) {
    const wanted = JSON.stringify(inputs);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    const content = [build()].flat().filter(Boolean);
    this.element.replaceChildren(...content);
    this.element.hidden = content.length === 0;
  }
}
