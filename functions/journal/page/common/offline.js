/** Banners for lost connections and new versions; registers the service worker. */

import { t } from "../texts/texts.js";
import { button, byId, h } from "./dom.js";

export function prepare() {
  addEventListener("offline", showNetwork);
  addEventListener("online", showNetwork);
  showNetwork();
  if ("serviceWorker" in navigator && isSecureContext) register().catch(() => {});
}

const OFFLINE = t("common.you_are_offline_entries_you_have");

function showNetwork() {
  const offline = !navigator.onLine;
  document.body.classList.toggle("offline", offline);
  byId("network").replaceChildren(...(offline ? [h("p", {}, OFFLINE)] : []));
}

async function register() {
  const registration = await navigator.serviceWorker.register("/service-worker.js");
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => worker.state === "installed" && offerUpdate(registration));
  });
  if (registration.waiting) offerUpdate(registration);
}

/** A newer version is ready; the user decides when to load it. @param {ServiceWorkerRegistration} registration */
function offerUpdate(registration) {
  if (!navigator.serviceWorker.controller) return;
  const update = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting?.postMessage("take over");
  };
  const dismiss = () => byId("update").replaceChildren();
  byId("update").replaceChildren(
    h("p", {}, t("common.a_new_version_is_available")),
    h("div", { class: "actions" }, button(t("common.reload"), update, "plain"), button(t("common.later"), dismiss)),
  );
}
