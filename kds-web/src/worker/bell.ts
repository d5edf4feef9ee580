// The service worker of a guest's phone: rings when the server pushes news of an order, and opens the page of that
// table. It keeps nothing and answers no request. Its scope is the page's own address, so it knows where to go.

/** The little that this file needs of the browser's types for workers, which do not go with those for pages. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Pushed extends Extendable {
  readonly data: { json(): unknown } | null;
}
interface Clicked extends Extendable {
  readonly notification: Notification;
}
interface PageClient {
  readonly url: string;
  focus(): Promise<unknown>;
}
interface Bell extends EventTarget {
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly PageClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
}

/** As the server seals it (`gateway/push.rs`). */
interface News {
  readonly title?: string;
  readonly body?: string;
}

const bell = self as unknown as Bell;

bell.addEventListener("install", (event) => (event as Extendable).waitUntil(bell.skipWaiting()));

bell.addEventListener("push", (event) => {
  const pushed = event as Pushed;
  pushed.waitUntil(show(newsOf(pushed)));
});

bell.addEventListener("notificationclick", (event) => {
  const { notification } = event as Clicked;
  notification.close();
  (event as Clicked).waitUntil(openPage());
});

/** Browsers take the permission away from pages that stay silent: something is shown in any case. */
function newsOf(event: Pushed): News {
  try {
    return (event.data?.json() ?? {}) as News;
  } catch {
    return {};
  }
}

/** News of the same order replaces what was there, and rings again. */
async function show({ title = "Comanda", body = "" }: News): Promise<void> {
  const options: NotificationOptions & { renotify: boolean } = {
    body,
    tag: title,
    renotify: true,
    icon: "/icon-192.png",
    badge: "/icon-192.png",
  };
  await bell.registration.showNotification(title, options);
}

async function openPage(): Promise<void> {
  const { scope } = bell.registration;
  const pages = await bell.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => url.split(/[?#]/)[0] === scope);
  await (page ? page.focus() : bell.clients.openWindow(scope));
}
