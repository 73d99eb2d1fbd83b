/**
 * Caches the page's own files, so that the page opens offline. The server prepends VERSION and SHELL. All other requests
 * (API, sign-in, recordings) go to the network.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const CACHE = `samo-${VERSION}`;
const CONFIG = "/page/config.json";

worker.addEventListener("install", (event) => {
  const requests = SHELL.map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(deleteOldCaches().then(() => worker.clients.claim()));
});

worker.addEventListener("message", ({ data }) => {
  if (data === "take over") worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin || !SHELL.includes(pathname)) return;
  event.respondWith(pathname === CONFIG ? networkFirst(event.request) : cacheFirst(pathname));
});

/** @param {string} pathname */
async function cacheFirst(pathname) {
  const cache = await caches.open(CACHE);
  return (await cache.match(pathname)) ?? fetch(pathname);
}

/** @param {Request} request */
async function networkFirst(request) {
  try {
    const response = await fetch(request);
    if (response.ok) return response;
  } catch {
    // offline: use the cached configuration
  }
  return cacheFirst(CONFIG);
}

async function deleteOldCaches() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("samo-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
