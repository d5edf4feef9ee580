// The service worker: keeps the files of the kitchen page on the device, so that it opens without a network.
// It never touches the API: what is true comes from the server or from what the page itself kept. Built as a
// file of its own; the build writes the list of files into it.

/** The little that this file needs of the browser's types for workers, which do not go with those for pages. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker extends EventTarget {
  readonly clients: {
    claim(): Promise<void>;
    matchAll(): Promise<readonly { postMessage(word: string): void }[]>;
  };
  skipWaiting(): Promise<void>;
}

/** Written by the build: hashed files of the kitchen page, and a name for exactly these. */
declare const __FILES__: readonly string[];
declare const __BUILD__: string;

const worker = self as unknown as Worker;
const CACHE = `kitchen-${__BUILD__}`;
const PAGE = "/kitchen";
/** A network that is slower than this is treated like none: the kept page is there at once. */
const PAGE_WAIT_MS = 3_000;

worker.addEventListener("install", (event) => {
  (event as Extendable).waitUntil(install());
});

worker.addEventListener("activate", (event) => {
  (event as Extendable).waitUntil(activate());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate" && isKitchen(url.pathname)) {
    (event as Fetching).respondWith(page(request));
  } else if (__FILES__.includes(url.pathname)) {
    (event as Fetching).respondWith(file(request));
  }
});

// Background Sync, where there is one: the network is back, so pages try at once, also hidden ones whose timers
// sleep. The page sends its taps itself: only it has a token.
worker.addEventListener("sync", (event) => {
  (event as Extendable).waitUntil(wakePages());
});

async function wakePages(): Promise<void> {
  for (const page of await worker.clients.matchAll()) {
    page.postMessage("wake");
  }
}

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([PAGE, ...__FILES__]);
  await worker.skipWaiting();
}

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith("kitchen-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

function isKitchen(path: string): boolean {
  return path === PAGE || path.startsWith(`${PAGE}/`);
}

/** The server's page if it comes in time, so that an update is seen; else the kept one. */
async function page(request: Request): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PAGE_WAIT_MS);
  try {
    const answer = await fetch(request, { signal: late.signal });
    if (answer.ok) {
      return answer;
    }
  } catch {
    // No network: below.
  } finally {
    clearTimeout(timer);
  }
  return (await caches.match(PAGE)) ?? Response.error();
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}
