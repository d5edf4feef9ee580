// Makes the page an app that can be installed and opens without a network: the manifest, the service worker,
// and which kitchen it is. Only over HTTPS (or on this very machine) do browsers take a worker; elsewhere
// everything but opening offline works. Called by the page.

import { remember } from "../storage";
import type { Hub } from "../wire/hub";

/** Not in the browser's types: only Chromium has it. */
interface Syncing extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

export function becomeApp(slug: string): void {
  remember("kitchen", slug);
  const manifest = document.createElement("link");
  manifest.rel = "manifest";
  manifest.href = "/manifest.webmanifest";
  document.head.append(manifest);
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker
      .register("/worker.js")
      .catch((error: unknown) => console.warn("This page cannot open without a network.", error));
  }
}

/** While taps wait for a network, the browser is asked to say when there is one. Returns the stop. */
export function wakeWithNetwork(hub: Hub): () => void {
  if (!("serviceWorker" in navigator)) {
    return () => {};
  }
  const wake = () => hub.wake();
  const ask = async () => {
    const registration = (await navigator.serviceWorker.getRegistration()) as Syncing | undefined;
    await registration?.sync?.register("taps").catch(() => {});
  };
  navigator.serviceWorker.addEventListener("message", wake);
  const stop = hub.link.subscribe((link) => {
    if (link.is === "offline" && hub.outbox.pending.peek().length > 0) {
      void ask();
    }
  });
  return () => {
    stop();
    navigator.serviceWorker.removeEventListener("message", wake);
  };
}
