/** Browser globals that the page's modules need when they are loaded. */

process.env.TZ = "Europe/Berlin";
globalThis.navigator ??= /** @type {any} */ ({ language: "en-GB", onLine: true });
