/**
 * The page without a network: its own files, and nothing of what the journal says. VERSION and SHELL are put before
 * this by the server. Whatever is not on that list (the API, sign-in, recordings) passes by untouched.
 */

const CACHE = `samo-${VERSION}`;
const FRESH = "/page/config.json";

addEventListener("install", (event) => {
  const fresh = SHELL.map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

addEventListener("activate", (event) => event.waitUntil(tidy().then(() => clients.claim())));

addEventListener("message", ({ data }) => data === "take over" && skipWaiting());

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin || !SHELL.includes(pathname)) return;
  event.respondWith(pathname === FRESH ? fresh(event.request) : kept(pathname));
});

async function kept(pathname) {
  const cache = await caches.open(CACHE);
  return (await cache.match(pathname)) ?? fetch(pathname);
}

/** What the server says now or, while it does not answer, what it said before. */
async function fresh(request) {
  try {
    const response = await fetch(request);
    if (response.ok) return response;
  } catch {
    // the kept one will do
  }
  return kept(FRESH);
}

async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("samo-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
