// The rules of one topic's cursor (DESIGN §6), and a seeded run of lost, doubled and late messages that
// must end with everything applied once and in order.

import { expect, test } from "vitest";
import { beat, event } from "./fakes";
import { newSync, type Step, type Sync, startOver, step, subscribe } from "./sync";
import type { Order, ServerMessage, Snapshot } from "./types";

const snapshotOf = (...ids: string[]) =>
  ({
    of: "kitchen",
    restaurant: {},
    stations: [],
    orders: ids.map((id) => ({ id }) as Order),
  }) as unknown as Snapshot;

const answer = (seq: number, rest: object = {}, epoch = "e"): ServerMessage => ({
  op: "subscribed",
  topic: "kitchen",
  epoch,
  seq,
  head: seq,
  ...rest,
});

function at(seq: number, epoch = "e"): Sync {
  return { topic: "kitchen", cursor: { epoch, seq }, phase: { is: "following" } };
}

const asksFrom = (result: Step) => result.ask;

test("W2 the first subscribe names no cursor, a later one names the one held", () => {
  expect(asksFrom(subscribe(newSync("kitchen")))).toEqual({ op: "subscribe", topic: "kitchen" });
  expect(asksFrom(subscribe(at(7)))).toEqual({
    op: "subscribe",
    topic: "kitchen",
    after: { epoch: "e", seq: 7 },
  });
});

test("W2 an answer without a snapshot sets the cursor, and events follow from there", () => {
  const { sync } = step(subscribe(at(7)).sync, answer(7));
  expect(step(sync, event(8, 7)).event?.seq).toBe(8);
});

test("W2 an answer that begins before the cursor does not turn it back", () => {
  const { sync } = step(subscribe(at(7)).sync, answer(5));
  expect(sync.cursor?.seq).toBe(7);
  expect(step(sync, event(6, 5)).event).toBeUndefined();
});

test("W6 a snapshot in parts is applied when the last part is here, never before", () => {
  const first = step(newSync("kitchen"), answer(9, { snapshot: snapshotOf("a", "b"), part: 1, parts: 2 }));
  expect(first.snapshot).toBeUndefined();
  expect(first.sync.cursor).toBeNull();
  const second = step(first.sync, answer(9, { snapshot: snapshotOf("c"), part: 2, parts: 2 }));
  expect(second.snapshot?.orders.map((order) => order.id)).toEqual(["a", "b", "c"]);
  expect(second.sync.cursor).toEqual({ epoch: "e", seq: 9 });
});

test("L6 parts of two snapshots are never mixed", () => {
  const first = step(newSync("kitchen"), answer(9, { snapshot: snapshotOf("a"), part: 1, parts: 2 }));
  const other = step(first.sync, answer(11, { snapshot: snapshotOf("c"), part: 2, parts: 2 }));
  expect(other.snapshot).toBeUndefined();
  expect(asksFrom(other)).toEqual({ op: "subscribe", topic: "kitchen" });
  const again = step(first.sync, answer(11, { snapshot: snapshotOf("x"), part: 1, parts: 1 }));
  expect(again.snapshot?.orders.map((order) => order.id)).toEqual(["x"]);
});

test("W4 an event that was applied before is ignored", () => {
  const result = step(at(7), event(7, 6));
  expect(result.event).toBeUndefined();
  expect(result.sync.cursor?.seq).toBe(7);
});

test("W4 a prev at or below the cursor is no hole", () => {
  expect(step(at(7), event(9, 7)).event?.seq).toBe(9);
  expect(step(at(7), event(9, 3)).event?.seq).toBe(9);
});

test("W4 a prev above the cursor is a hole: it asks from the cursor and applies nothing", () => {
  const result = step(at(7), event(12, 11));
  expect(result.event).toBeUndefined();
  expect(asksFrom(result)).toEqual({ op: "subscribe", topic: "kitchen", after: { epoch: "e", seq: 7 } });
  expect(asksFrom(step(result.sync, event(13, 12)))).toBeUndefined();
});

test("W6 a beat that knows of a newer event makes it ask; one that does not moves the cursor", () => {
  const behind = step(at(7), beat({ last: 8, upto: { epoch: "e", seq: 20 } }));
  expect(asksFrom(behind)).toMatchObject({ after: { seq: 7 } });
  const level = step(at(7), beat({ last: 7, upto: { epoch: "e", seq: 20 } }));
  expect(asksFrom(level)).toBeUndefined();
  expect(level.sync.cursor?.seq).toBe(20);
  expect(step(level.sync, beat({ last: 0, upto: { epoch: "e", seq: 18 } })).sync.cursor?.seq).toBe(20);
});

test("W6 a beat of another epoch makes it start over", () => {
  const result = step(at(7), beat({ last: 3, upto: { epoch: "f", seq: 3 } }));
  expect(asksFrom(result)).toEqual({ op: "subscribe", topic: "kitchen" });
});

test("W6 a beat about other topics changes nothing", () => {
  const before = at(7);
  expect(step(before, beat({ last: 99, upto: { epoch: "e", seq: 99 } }, "floor"))).toEqual({ sync: before });
});

test("W6 an answer that never comes is asked for again after three beats", () => {
  let result = subscribe(at(7));
  const tick = beat({ last: 7, upto: { epoch: "e", seq: 7 } });
  const asked = [1, 2, 3].map(() => {
    result = step(result.sync, tick);
    return result.ask !== undefined;
  });
  expect(asked).toEqual([false, false, true]);
});

test("W9 resync starts over", () => {
  expect(asksFrom(step(at(7), { op: "resync", topic: "kitchen" }))).toEqual({
    op: "subscribe",
    topic: "kitchen",
  });
});

test("L6 whatever is lost, doubled or late, the end is everything once, in order, or a snapshot", () => {
  let losses = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const run = faultyRun(seed);
    losses += run.losses;
    expect(run.applied, `seed ${seed}`).toEqual(run.feed);
  }
  expect(losses).toBeGreaterThan(500);
});

/** A feed of 60 events, half of them on the topic, over a line that loses a third of its messages. */
function faultyRun(seed: number) {
  const random = mulberry(seed);
  const feed: number[] = [];
  let sync = step(startOver(newSync("kitchen")).sync, answer(0, { snapshot: snapshotOf() })).sync;
  let applied: number[] = [];
  let losses = 0;
  const take = (message: ServerMessage) => {
    const result = step(sync, message);
    sync = result.sync;
    if (result.snapshot) {
      applied = result.snapshot.orders.map((order) => Number(order.id));
    }
    if (result.event) {
      applied.push(result.event.seq);
    }
    if (result.ask?.op === "subscribe") {
      serve(result.ask.after?.seq);
    }
  };
  const serve = (after: number | undefined) => {
    if (after === undefined) {
      take(answer(feed.at(-1) ?? 0, { snapshot: snapshotOf(...feed.map(String)) }));
      return;
    }
    take(answer(after));
    for (const [i, seq] of feed.entries()) {
      if (seq > after) {
        take(event(seq, feed[i - 1] ?? 0));
      }
    }
  };
  for (let seq = 1; seq <= 60; seq += 1) {
    if (random() < 0.5) {
      const prev = feed.at(-1) ?? 0;
      feed.push(seq);
      if (random() < 0.33) {
        losses += 1;
      } else {
        take(event(seq, prev));
      }
    }
    if (random() < 0.2) {
      const i = Math.floor(random() * feed.length);
      take(event(feed[i] ?? 0, feed[i - 1] ?? 0));
    }
    if (random() < 0.05) {
      take({ op: "resync", topic: "kitchen" });
    }
  }
  take(beat({ last: feed.at(-1) ?? 0, upto: { epoch: "e", seq: 60 } }));
  return { feed, applied, losses };
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
