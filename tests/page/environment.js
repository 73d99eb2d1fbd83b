/** What the page's modules expect of a browser when they are loaded. */

process.env.TZ = "Europe/Berlin";
globalThis.navigator ??= /** @type {any} */ ({ language: "en-GB", onLine: true });
