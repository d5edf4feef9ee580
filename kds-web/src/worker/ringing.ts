// What the service worker of a guest's phone does: rings when the server pushes news of an order, and opens the page of
// that table. It keeps nothing and answers no request. Its scope is the page's own address, so it knows where to go, and
// nothing that was pushed can lead elsewhere. Called by bell.ts; apart from it, so that tests can hold the worker.

/** The little that this file needs of the browser's types for workers, which do not go with those for pages. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Pushed extends Extendable {
  readonly data: { json(): unknown } | null;
}
interface Clicked extends Extendable {
  readonly notification: Pick<Notification, "close">;
}
interface PageClient {
  readonly url: string;
  focus(): Promise<unknown>;
}
export interface Bell extends EventTarget {
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly PageClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: Pick<ServiceWorkerRegistration, "scope" | "showNotification">;
  skipWaiting(): Promise<void>;
}

/** As the server seals it (`gateway/push.rs`). */
interface News {
  readonly title: string;
  readonly body: string;
}

/** Tells the page that nobody scanned a code: it was opened by the news (table/scan.ts, which this file cannot share). */
export const BY_NEWS = "#news";

export function listen(bell: Bell): void {
  bell.addEventListener("install", (event) => (event as Extendable).waitUntil(bell.skipWaiting()));
  bell.addEventListener("push", (event) => {
    const pushed = event as Pushed;
    pushed.waitUntil(show(bell, newsOf(pushed)));
  });
  bell.addEventListener("notificationclick", (event) => {
    const { notification } = event as Clicked;
    notification.close();
    (event as Clicked).waitUntil(openPage(bell));
  });
}

/** Browsers take the permission away from pages that stay silent: something is shown in any case. */
function newsOf(event: Pushed): News {
  const { title, body } = read(event);
  return {
    // Also instead of an empty one: it is the tag, and browsers refuse to ring again without one.
    title: typeof title === "string" && title !== "" ? title : "Comanda",
    body: typeof body === "string" ? body : "",
  };
}

function read(event: Pushed): Readonly<Record<string, unknown>> {
  try {
    const said = event.data?.json();
    return typeof said === "object" && said !== null ? { ...said } : {};
  } catch {
    return {};
  }
}

/** News of the same order replaces what was there, and rings again. */
async function show(bell: Bell, { title, body }: News): Promise<void> {
  const options: NotificationOptions & { renotify: boolean } = {
    body,
    tag: title,
    renotify: true,
    icon: "/icon-192.png",
    badge: "/icon-192.png",
  };
  await bell.registration.showNotification(title, options);
}

async function openPage({ clients, registration }: Bell): Promise<void> {
  const { scope } = registration;
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => url.split(/[?#]/)[0] === scope);
  try {
    if (page !== undefined) return void (await page.focus());
  } catch {
    // It was closed meanwhile, or cannot come to the front.
  }
  await clients.openWindow(scope + BY_NEWS);
}
