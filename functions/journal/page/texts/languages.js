/** The languages that the page is in, by ISO 639 code. */

import { en } from "./en.js";

/** @import { Texts } from "./texts.js" */

/** @type {Record<string, Texts>} */
export const LANGUAGES = { en };
