/** What the frame says of the network and of a newer version; the page's service worker. */

import { button, byId, h } from "./dom.js";

export function prepare() {
  addEventListener("offline", show);
  addEventListener("online", show);
  show();
  if ("serviceWorker" in navigator && isSecureContext) register().catch(() => {});
}


function show() {
  const away = !navigator.onLine;
  document.body.classList.toggle("offline", away);
  const said = "You are offline. What you have read on this device can be read; new entries wait until you are back.";
  byId("network").replaceChildren(...(away ? [h("p", {}, said)] : []));
}

async function register() {
  const registration = await navigator.serviceWorker.register("/service-worker.js");
  const hear = () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => coming.state === "installed" && offer(registration));
  };
  registration.addEventListener("updatefound", hear);
  if (registration.waiting) offer(registration);
}

/** A newer page waits; the person says when. */
function offer(registration) {
  if (!navigator.serviceWorker.controller) return;
  const renew = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting?.postMessage("take over");
  };
  const later = () => byId("update").replaceChildren();
  const said = h("p", {}, "A newer version of this page is ready.");
  const actions = h("div", { class: "actions" }, button("Use it now", renew, "plain"), button("Later", later));
  byId("update").replaceChildren(said, actions);
}
