// Makes the page an app that can be installed and opens without a network: the manifest, the service worker,
// and which kitchen it is. Only over HTTPS (or on this very machine) do browsers take a worker; elsewhere
// everything but opening offline works. Called by the page.

import { remember } from "../storage";

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
