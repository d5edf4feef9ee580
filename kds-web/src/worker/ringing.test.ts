// What a pushed message shows, and where a tap on it leads.

import { afterEach, expect, test, vi } from "vitest";
import * as scan from "../table/scan";
import { BY_NEWS, listen } from "./ringing";

const SCOPE = "https://comanda.example/t/k3v9";

class FakePage {
  readonly focus = vi.fn(async () => {});
  constructor(readonly url: string) {}
}

class FakeBell extends EventTarget {
  pages: FakePage[] = [];
  readonly registration = { scope: SCOPE, showNotification: vi.fn(async () => {}) };
  readonly clients = { matchAll: vi.fn(async () => this.pages), openWindow: vi.fn(async () => null) };
  readonly skipWaiting = vi.fn(async () => {});

  /** Resolves, or fails, as the work does that the event waits for. */
  async hears(type: string, what: object = {}): Promise<void> {
    const work: Promise<unknown>[] = [];
    const waitUntil = (one: Promise<unknown>) => void work.push(one);
    this.dispatchEvent(Object.assign(new Event(type), { waitUntil }, what));
    expect(work).toHaveLength(1);
    await work[0];
  }

  /** What is shown after a push of this text; `null`: a push without any. */
  async pushed(text: string | null): Promise<unknown[]> {
    const data = text === null ? null : { json: () => JSON.parse(text) as unknown };
    await this.hears("push", { data });
    return this.registration.showNotification.mock.lastCall ?? [];
  }

  async clicked(data: unknown = null): Promise<{ close: () => void }> {
    const notification = { close: vi.fn(), data };
    await this.hears("notificationclick", { notification });
    return notification;
  }
}

function bell(...open: string[]): FakeBell {
  const made = new FakeBell();
  made.pages = open.map((url) => new FakePage(url));
  listen(made);
  return made;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("a push shows its text, tagged by its order, and rings again for the next news of it", async () => {
  const said = await bell().pushed('{"title":"Casa Oliva 12","body":"Casa Oliva: your order is ready."}');
  expect(said).toEqual([
    "Casa Oliva 12",
    expect.objectContaining({
      body: "Casa Oliva: your order is ready.",
      tag: "Casa Oliva 12",
      renotify: true,
    }),
  ]);
});

test.each([
  null,
  "",
  "not JSON",
  "null",
  "12",
  '"text"',
  "[]",
  "{}",
  '{"title":"","body":null}',
  '{"title":12,"body":{}}',
])("a push that cannot be read shows something all the same: %s", async (text) => {
  const said = await bell().pushed(text);
  expect(said).toEqual(["Comanda", expect.objectContaining({ body: "", tag: "Comanda" })]);
});

test("a tap takes the notification away and brings the table's open page to the front", async () => {
  for (const url of [SCOPE, `${SCOPE}#news`, `${SCOPE}?utm=1`]) {
    const worker = bell("https://comanda.example/t/other", `${SCOPE}x`, url, SCOPE);
    const { close } = await worker.clicked();
    expect(close).toHaveBeenCalledOnce();
    expect(worker.pages.map(({ focus }) => focus.mock.calls.length)).toEqual([0, 0, 1, 0]);
    expect(worker.clients.openWindow).not.toHaveBeenCalled();
    expect(worker.clients.matchAll).toHaveBeenCalledWith({ type: "window", includeUncontrolled: true });
  }
});

test("a tap opens the table's page when none is open, and says that nobody scanned", async () => {
  const worker = bell("https://comanda.example/t/other", "https://comanda.example/");
  const { close } = await worker.clicked();
  expect(close).toHaveBeenCalledOnce();
  expect(worker.clients.openWindow.mock.calls).toEqual([[`${SCOPE}${BY_NEWS}`]]);
  expect(scan.BY_NEWS).toBe(BY_NEWS);
});

test("a page that cannot come to the front is opened anew", async () => {
  const worker = bell(SCOPE);
  worker.pages[0]?.focus.mockRejectedValue(new TypeError("it was closed"));
  await worker.clicked();
  expect(worker.clients.openWindow).toHaveBeenCalledOnce();
});

test("nothing that was pushed leads to another page", async () => {
  const worker = bell("https://elsewhere.example/");
  const url = "https://elsewhere.example/";
  await worker.pushed(JSON.stringify({ title: "Casa Oliva 12", body: url, url, data: { url } }));
  expect(JSON.stringify(worker.registration.showNotification.mock.lastCall?.slice(1))).not.toContain('"url"');
  await worker.clicked({ url });
  expect(worker.pages[0]?.focus).not.toHaveBeenCalled();
  const opened = worker.clients.openWindow.mock.calls.flat().map((url) => new URL(String(url)));
  expect(opened.map(({ origin, pathname }) => origin + pathname)).toEqual([SCOPE]);
});

test("the worker's file listens, and a new one takes over at once", async () => {
  const worker = new FakeBell();
  vi.stubGlobal("self", worker);
  await import("./bell");
  await worker.hears("install");
  expect(worker.skipWaiting).toHaveBeenCalledOnce();
  await worker.clicked();
  expect(worker.clients.openWindow).toHaveBeenCalledOnce();
});
