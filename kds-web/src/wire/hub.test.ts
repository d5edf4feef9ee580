// The parts together: what a page sees of a connection that comes and goes.

import "fake-indexeddb/auto";
import { afterEach, expect, test, vi } from "vitest";
import { beat, event, FakeWorld, welcome } from "./fakes";
import { Hub } from "./hub";
import type { Snapshot } from "./types";

const empty = { of: "kitchen", restaurant: {}, stations: [], orders: [] } as unknown as Snapshot;
const whole = { op: "subscribed", topic: "kitchen", epoch: "e", seq: 10, head: 10, snapshot: empty } as const;
const running: Hub[] = [];

afterEach(() => {
  for (const hub of running.splice(0)) {
    hub.stop();
  }
});

async function page() {
  const world = new FakeWorld();
  const [snapshot, took, done] = [vi.fn(), vi.fn(), vi.fn()];
  const hub = new Hub({
    slug: "demo",
    topics: ["kitchen"],
    silence_ms: 5_000,
    person: "ana",
    token: async () => ({ token: "t", expires_at: "2026-01-31T20:00:00Z" }),
    snapshot,
    event: took,
    done,
    world,
  });
  running.push(hub);
  hub.start();
  await world.passes(0);
  const join = () => {
    world.socket.opens();
    world.socket.hears(welcome);
  };
  return { world, hub, snapshot, took, done, join };
}

test("W2 after the welcome it subscribes, takes the snapshot and then events", async () => {
  const { world, hub, snapshot, took, join } = await page();
  join();
  expect(world.socket.sent.at(-1)).toEqual({ op: "subscribe", topic: "kitchen" });
  expect(hub.following.value.has("kitchen")).toBe(false);
  world.socket.hears(whole);
  expect(snapshot).toHaveBeenCalledWith("kitchen", empty);
  expect(hub.following.value.has("kitchen")).toBe(true);
  world.socket.hears(event(11, 10));
  expect(took).toHaveBeenCalledOnce();
  expect(hub.seqOf("kitchen")).toBe(11);
});

test("W11 on the next connection it goes on from its cursor and sends again what was not answered", async () => {
  const { world, hub, done, join } = await page();
  join();
  world.socket.hears(whole);
  const id = hub.outbox.put({ name: "order.rush", args: { order: "o", rush: true } });
  world.socket.isClosed(1006);
  await world.passes(500);
  join();
  expect(world.socket.sent.slice(1)).toEqual([
    { op: "subscribe", topic: "kitchen", after: { epoch: "e", seq: 10 } },
    { op: "command", id, name: "order.rush", args: { order: "o", rush: true } },
  ]);
  world.socket.hears({ op: "ok", id, seq: 12 });
  expect(done).toHaveBeenCalledWith(id, 12);
  expect(hub.outbox.pending.value).toEqual([]);
  expect(hub.seqOf("kitchen")).toBe(10);
});

test("W11 waking asks from the cursor; what comes is applied once", async () => {
  const { world, took, join } = await page();
  join();
  world.socket.hears(whole);
  dispatchEvent(new Event("online"));
  expect(world.socket.sent.at(-1)).toMatchObject({ op: "subscribe", after: { seq: 10 } });
  world.socket.hears({ op: "subscribed", topic: "kitchen", epoch: "e", seq: 10, head: 11 });
  world.socket.hears(event(11, 10));
  world.socket.hears(event(11, 10));
  expect(took).toHaveBeenCalledOnce();
});

test("W6 a beat above the cursor makes it ask", async () => {
  const { world, join } = await page();
  join();
  world.socket.hears(whole);
  world.socket.hears(beat({ last: 14, upto: { epoch: "e", seq: 14 } }));
  expect(world.socket.sent.at(-1)).toMatchObject({ op: "subscribe", after: { seq: 10 } });
});
