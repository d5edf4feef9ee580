// No tap is lost and none is done twice (L4, W11): against a real IndexedDB (in memory) and a line that breaks.

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { KEPT_MS, Outbox } from "./outbox";
import { openStore } from "./store";
import type { Command, CommandMessage } from "./types";

const rush = (order: string): Command => ({ name: "order.rush", args: { order, rush: true } });

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
});

function line() {
  const sent: CommandMessage[] = [];
  const send = (message: CommandMessage) => sent.push(message) > 0;
  return { sent, send, orders: () => sent.map((message) => (message.args as { order: string }).order) };
}

async function kept(outbox: Outbox, count: number) {
  await vi.waitFor(async () => expect(await openStore<{ id: string }>().all()).toHaveLength(count));
  return outbox;
}

test("W11 a command goes out at once, with the version that was shown", () => {
  const outbox = new Outbox({ box: "demo/ana" });
  const { sent, send } = line();
  outbox.connected(send);
  const id = outbox.put(rush("o1"), 4);
  expect(sent).toEqual([{ id, name: "order.rush", args: { order: "o1", rush: true }, base_version: 4 }]);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("W11 what was not answered goes out again after a reload, in order, with the same ids", async () => {
  const before = new Outbox({ box: "demo/ana" });
  const ids = ["o1", "o2", "o3"].map((order) => before.put(rush(order)));
  await kept(before, 3);
  before.connected(line().send);
  before.close();

  const after = new Outbox({ box: "demo/ana", page: "later" });
  const { sent, send } = line();
  after.connected(send);
  await after.open();
  expect(sent.map((message) => message.id)).toEqual(ids);
});

test("L4 an answered command is retired, also from the store", async () => {
  const outbox = new Outbox({ box: "demo/ana" });
  const { sent, send } = line();
  outbox.connected(send);
  const id = outbox.put(rush("o1"));
  outbox.done(id);
  outbox.connected(send);
  expect(sent).toHaveLength(1);
  expect(outbox.pending.value).toEqual([]);
  await kept(outbox, 0);
});

test("L4 a refused command is shown with its reason until somebody has seen it", () => {
  const outbox = new Outbox({ box: "demo/ana" });
  const id = outbox.put(rush("o1"));
  const refused = { id, code: "changed" as const, message: "Look again." };
  outbox.refused(refused);
  expect(outbox.pending.value).toEqual([]);
  expect(outbox.undone.value).toMatchObject([{ is: "refused", refused, pending: { command: rush("o1") } }]);
  outbox.dismiss(id);
  expect(outbox.undone.value).toEqual([]);
});

test("L4 what could not be sent within 24 h is dropped, visibly, and never sent", async () => {
  let now = 0;
  const outbox = new Outbox({ box: "demo/ana", now: () => now });
  outbox.put(rush("o1"));
  now = KEPT_MS / 2;
  outbox.put(rush("o2"));
  now = KEPT_MS + 1;
  const { orders, send } = line();
  outbox.connected(send);
  expect(orders()).toEqual(["o2"]);
  expect(outbox.undone.value).toMatchObject([{ is: "dropped", pending: { command: rush("o1") } }]);
  await kept(outbox, 1);
});

test("L7 only so many commands are under way at once; answers let the next ones out, in order", () => {
  const outbox = new Outbox({ box: "demo/ana" });
  const ids = Array.from({ length: 40 }, (_, i) => outbox.put(rush(`o${i}`)));
  const { sent, send } = line();
  outbox.connected(send);
  expect(sent).toHaveLength(16);
  for (const id of ids) {
    outbox.done(id);
  }
  expect(sent.map((message) => message.id)).toEqual(ids);
});

test("W11 nobody sends what another person, or another living page, put in", async () => {
  const ana = new Outbox({ box: "demo/ana", page: "one" });
  ana.put(rush("o1"));
  await kept(ana, 1);
  const ben = new Outbox({ box: "demo/ben", page: "two" });
  const { sent, send } = line();
  ben.connected(send);
  await ben.open();
  expect(sent).toEqual([]);

  const locks = { query: async () => ({ held: [{ name: "comanda.page.one" }] }), request: async () => {} };
  vi.stubGlobal("navigator", { ...navigator, locks });
  const other = new Outbox({ box: "demo/ana", page: "three" });
  other.connected(send);
  await other.open();
  vi.unstubAllGlobals();
  expect(sent).toEqual([]);
});

test("W11 a browser without storage keeps taps as long as the page lives", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(indexedDB, "open").mockImplementation(() => {
    throw new DOMException("no", "SecurityError");
  });
  const outbox = new Outbox({ box: "demo/ana" });
  await outbox.open();
  expect(outbox.safe).toBe(true);
  outbox.put(rush("o1"));
  expect(outbox.safe).toBe(false);
  const { sent, send } = line();
  outbox.connected(send);
  expect(sent).toHaveLength(1);
});

test("L4 what the server could not try goes out again after its pause, in order, with the same ids", () => {
  vi.useFakeTimers();
  const outbox = new Outbox({ box: "demo/ana" });
  const ids = ["o1", "o2"].map((order) => outbox.put(rush(order)));
  const { sent, send } = line();
  outbox.connected(send);
  outbox.notTried(ids[0] ?? "", 800);
  outbox.notTried(ids[1] ?? "", 800);
  const third = outbox.put(rush("o3"));
  vi.advanceTimersByTime(799);
  expect(sent).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(sent.slice(2).map((message) => message.id)).toEqual([...ids, third]);
  expect(outbox.undone.value).toEqual([]);
  vi.useRealTimers();
});
