import { expect, test } from "vitest";
import { restaurant, seating } from "../table/fixtures";
import type { Order, Seating, Table } from "../wire/types";
import { afterEvent, type Room, roomOf } from "./room";
import { askingOf, freeTables, tileOf, tilesOf } from "./tiles";

const NOON = Date.parse("2026-01-31T12:00:00.000Z");
const at = (minutes: number) => new Date(NOON + minutes * 60_000).toISOString();

const table = (n: number): Table => ({
  id: `t${n}`,
  label: `T${n}`,
  area: "",
  seats: 4,
  code_version: 1,
  position: n,
  version: 1,
});

function order(number: number, changes: Partial<Order> = {}): Order {
  return {
    id: `o${number}`,
    number,
    kind: "dine_in",
    state: "confirmed",
    version: 1,
    table: { id: "t1", label: "T1" },
    seating: "s",
    guest: "me",
    placed_by: { kind: "guest", guest: "me" },
    held: false,
    note: null,
    allergy: null,
    allergy_confirmed_at: null,
    rush: false,
    told_by: null,
    placed_at: at(0),
    due_at: at(20),
    confirmed_at: at(0),
    started_at: null,
    ready_at: null,
    completed_at: null,
    cancelled_at: null,
    cancel_reason: null,
    totals: { subtotal: 1000, service: 0, tax: 91, total: 1000 },
    charges: { tax_basis_points: 1000, tax_included: true, service_basis_points: 0 },
    lines: [],
    ...changes,
  };
}

const party = (changes: Partial<Seating> = {}) =>
  seating({ table: { id: "t1", label: "T1" }, opened_at: at(-5), ...changes });

function room(orders: Order[], seatings: Seating[] = [party()]): Room {
  const tables = [table(2), table(1)];
  return roomOf({ restaurant, stations: [], tables, seatings, orders, seen: [] }, null);
}

const event = { topic: "floor", seq: 2, prev: 1, at: at(1), kind: "seating.called", command: "c" } as const;

test("tables stand in the restaurant's order, and those without a party are free", () => {
  const tiles = tilesOf(room([]), NOON);
  expect(tiles.map((tile) => [tile.table.label, tile.doing])).toEqual([
    ["T1", "seated"],
    ["T2", "free"],
  ]);
  expect(freeTables(room([])).map(({ label }) => label)).toEqual(["T2"]);
});

test("a tile's age is that of the latest of its orders against the promised time", () => {
  const two = room([order(1), order(2, { due_at: at(90) })]);
  const ages = [10, 16, 21].map((minutes) => tileOf(two, table(1), NOON + minutes * 60_000).age);
  expect(ages).toEqual(["fresh", "soon", "late"]);
  expect(tileOf(room([order(1, { state: "ready" })]), table(1), NOON + 3_600_000).age).toBe("fresh");
});

test("what wants somebody comes by how long it waits, and what no screen has shown comes first", () => {
  const calls = [
    { reason: "water", guest: "me", called_at: at(2), coming_at: null, done_at: null },
    { reason: "bill", guest: "me", called_at: at(1), coming_at: null, done_at: at(3) },
  ] as const;
  const held = order(1, { held: true, state: "pending", placed_at: at(1) });
  const ready = order(2, { state: "ready", ready_at: at(0) });
  const unseen = { order: "o3", number: 3, table: null, stations: ["grill"], nth: 1, since: at(4) };
  const before = room([held, ready, order(3)], [party({ calls: [...calls] })]);
  const now = afterEvent(before, { ...event, kind: "order.unseen", unseen });
  expect(askingOf(now).map(({ want }) => want.is)).toEqual(["unseen", "ready", "gate", "call"]);
  const shown = afterEvent(now, { ...event, kind: "orders.seen", seen: [{ order: "o3", at: at(5) }] });
  expect(askingOf(shown).map(({ want }) => want.is)).toEqual(["ready", "gate", "call"]);
});

test("a party that moved is at its new table with its orders, and a closed one is gone", () => {
  const to = { id: "t2", label: "T2" };
  let now = room([order(1)]);
  now = afterEvent(now, { ...event, kind: "seating.moved", seating: party({ table: to, version: 2 }) });
  now = afterEvent(now, { ...event, kind: "order.moved", order: order(1, { table: to, version: 2 }) });
  expect(tilesOf(now, NOON).map(({ doing }) => doing)).toEqual(["free", "sent"]);
  const old = afterEvent(now, { ...event, kind: "seating.joined", seating: party({ version: 2 }) });
  expect(tilesOf(old, NOON).map(({ doing }) => doing)).toEqual(["free", "sent"]);
  now = afterEvent(now, {
    ...event,
    kind: "seating.closed",
    seating: party({ table: to, version: 3, closed_at: at(9) }),
  });
  expect(now.seatings.size).toBe(0);
});

test("an alarm outlives a new snapshot only while its order is unseen and not ready", () => {
  const unseen = { order: "o1", number: 1, table: null, stations: ["grill"], nth: 1, since: at(0) };
  const rings = afterEvent(room([order(1)]), { ...event, kind: "order.unseen", unseen });
  const again = (orders: Order[], seen: { order: string; at: string }[]) =>
    roomOf({ restaurant, stations: [], tables: [table(1)], seatings: [party()], orders, seen }, rings).alarms
      .size;
  expect(again([order(1)], [])).toBe(1);
  expect(again([order(1, { state: "ready" })], [])).toBe(0);
  expect(again([order(1)], [{ order: "o1", at: at(1) }])).toBe(0);
  expect(again([], [])).toBe(0);
});
