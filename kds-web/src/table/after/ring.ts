// Whether this phone can ring when the page is closed, and switching that on and off: web push, by a service worker
// whose scope is this page's address. Only over HTTPS, only with the guest's permission. Called by the order's card.

import type { PushSubscription as Subscription } from "../../wire/types";

const WORKER = "/bell.js";
/** A worker that is not ready by then never is. */
const READY_MS = 10_000;

export type Ringing =
  | { readonly is: "on"; readonly subscription: Subscription }
  | { readonly is: "denied" | "failed" };

/** Everything that it takes; nothing is asked of the guest by looking. */
export function canRing(key: string | null): boolean {
  return (
    key !== null &&
    isSecureContext &&
    "serviceWorker" in navigator &&
    "PushManager" in window &&
    "Notification" in window &&
    Notification.permission !== "denied"
  );
}

/** Asks for the permission, which browsers only grant to a tap, and subscribes with the server's key. */
export async function ring(key: string): Promise<Ringing> {
  try {
    if ((await Notification.requestPermission()) !== "granted") return { is: "denied" };
    const registration = await registered();
    const options = { userVisibleOnly: true, applicationServerKey: bytesOf(key) };
    const subscription = await registration.pushManager.subscribe(options);
    const wire = wireOf(subscription.toJSON());
    return wire === null ? { is: "failed" } : { is: "on", subscription: wire };
  } catch (error) {
    console.warn("This phone cannot be rung.", error);
    return { is: "failed" };
  }
}

/** The browser forgets this page's subscription. What the server holds is the caller's to take back. */
export async function silence(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration(location.pathname);
  if (registration?.scope !== location.origin + location.pathname) return;
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  await registration.unregister();
}

async function registered(): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.register(WORKER, { scope: location.pathname });
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return registration;
  await new Promise<void>((done, failed) => {
    const timer = setTimeout(() => failed(new Error("the worker does not start")), READY_MS);
    worker.addEventListener("statechange", () => {
      if (worker.state !== "activated") return;
      clearTimeout(timer);
      done();
    });
  });
  return registration;
}

/** What the server needs of a subscription; `null` when the browser gave no keys. */
export function wireOf(json: PushSubscriptionJSON): Subscription | null {
  const { endpoint, keys } = json;
  const { p256dh, auth } = keys ?? {};
  return endpoint && p256dh && auth ? { endpoint, p256dh, auth } : null;
}

/** Of base64url. */
export function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
