// The board folds what the server says into one picture, however often and in whatever order it comes.

import { expect, test } from "vitest";
import { AT } from "../wire/fakes";
import type { EventMessage, Order } from "../wire/types";
import { afterEvent, type Board, fromSnapshot, withMenu, withOrder } from "./board";
import { inMinutes, line, menuOf, order, snapshot } from "./fakes";

const placed = (of: Order): EventMessage => ({
  topic: "kitchen",
  seq: of.version,
  prev: of.version - 1,
  at: AT,
  kind: "order.placed",
  command: "c",
  order: of,
});

const versions = (board: Board) => [...board.orders.values()].map((o) => `${o.id}@${o.version}`);
const empty = fromSnapshot(snapshot(), null);

test("L5 a state is taken only if its version is higher than the one held", () => {
  const two = order("A", [line("Ribeye", "started")], { version: 2 });
  const board = afterEvent(empty, placed(two));
  expect(afterEvent(board, placed(order("A", [line("Ribeye")], { version: 1 })))).toBe(board);
  expect(afterEvent(board, placed({ ...two, rush: true }))).toBe(board);
  expect(versions(afterEvent(board, placed({ ...two, version: 3 })))).toEqual(["A@3"]);
});

test("L5 twice, or only the newest, gives the same board", () => {
  const history = [1, 2, 3, 4].map((version) => order("A", [line("Ribeye")], { version, rush: version > 2 }));
  const all = [...history, ...history].reduce((board, o) => afterEvent(board, placed(o)), empty);
  const backwards = [...history].reverse().reduce((board, o) => afterEvent(board, placed(o)), empty);
  expect(all).toEqual(backwards);
  expect(versions(all)).toEqual(["A@4"]);
});

test("L6 a snapshot replaces everything, also by lower versions of another epoch", () => {
  const before = afterEvent(empty, placed(order("A", [line("Ribeye")], { version: 9 })));
  const after = fromSnapshot(
    snapshot(order("B", [line("Ribeye")]), order("A", [line("Ribeye")], { version: 2 })),
    before,
  );
  expect(versions(after)).toEqual(["B@1", "A@2"]);
});

test("L5 what a refusal says of an order is taken like an event", () => {
  const board = withOrder(empty, order("A", [line("Ribeye")], { version: 5, state: "cancelled" }));
  expect(board.orders.get("A")?.state).toBe("cancelled");
});

test("what waits at the gate is not on the board", () => {
  expect(withOrder(empty, order("A", [line("Ribeye")], { held: true }))).toBe(empty);
});

test("W7 an alarm stands until its order ends", () => {
  const unseen = { order: "A", number: 1, table: null, stations: ["grill"], nth: 1, since: AT };
  const event: EventMessage = {
    topic: "kitchen",
    seq: 2,
    prev: 1,
    at: AT,
    kind: "order.unseen",
    command: "c",
    unseen,
  };
  const board = afterEvent(afterEvent(empty, placed(order("A", [line("Ribeye")]))), event);
  expect([...board.alarms.keys()]).toEqual(["A"]);
  expect(withOrder(board, order("A", [line("Ribeye")], { version: 2, state: "completed" })).alarms.size).toBe(
    0,
  );
  expect(fromSnapshot(snapshot(), board).alarms.size).toBe(0);
});

test("L7 of ended orders only as many as a shift has are kept; open ones are never dropped", () => {
  let board = afterEvent(empty, placed(order("open", [line("Ribeye")])));
  for (let i = 0; i < 430; i += 1) {
    const ended = { state: "completed" as const, completed_at: inMinutes(i) };
    board = withOrder(board, order(`o${i}`, [line("Ribeye", "done")], ended));
  }
  expect(board.orders.size).toBe(401);
  expect(board.orders.has("open")).toBe(true);
  expect(board.orders.has("o29")).toBe(false);
  expect(board.orders.has("o30")).toBe(true);
});

test("L5 the menu and later news of an item: the higher version wins", () => {
  const board = withMenu(empty, menuOf("Ribeye", "Corn"));
  const gone = {
    id: "i-Corn",
    name: { en: "Corn" },
    price: 1,
    available: false,
    stock: 0,
    version: 2,
    menu_version: 2,
  };
  const event: EventMessage = {
    topic: "kitchen",
    seq: 1,
    prev: 0,
    at: AT,
    kind: "item.changed",
    command: "c",
    item: gone,
  };
  const after = afterEvent(board, event);
  expect(after.dishes.get("i-Corn")).toMatchObject({ place: 1, item: { available: false } });
  expect(withMenu(after, menuOf("Ribeye", "Corn")).dishes.get("i-Corn")?.item.available).toBe(false);
});

test("W7 a receipt from any screen ends the alarm", () => {
  const alarm: EventMessage = {
    topic: "kitchen",
    seq: 1,
    prev: 0,
    at: AT,
    kind: "order.unseen",
    command: "c",
    unseen: { order: "A", number: 1, table: null, stations: ["grill"], nth: 1, since: AT },
  };
  const alarmed = afterEvent(empty, alarm);
  expect(alarmed.alarms.has("A")).toBe(true);
  const receipt = (id: string): EventMessage => ({
    topic: "kitchen",
    seq: 2,
    prev: 1,
    at: AT,
    kind: "orders.seen",
    command: "c",
    seen: [{ order: id, at: AT }],
  });
  expect(afterEvent(alarmed, receipt("B")).alarms.has("A")).toBe(true);
  expect(afterEvent(alarmed, receipt("A")).alarms.has("A")).toBe(false);
});

test("takeaway that is closed for today, or open again, is in the restaurant's settings", () => {
  const said = (paused_until: string | null): EventMessage => ({
    topic: "kitchen",
    seq: 2,
    prev: 1,
    at: AT,
    kind: "takeaway.changed",
    command: "c",
    takeaway: { paused_until, menu_version: 3 },
  });
  const closed = afterEvent(empty, said(inMinutes(60)));
  expect(closed.restaurant.settings.takeaway).toEqual({
    ...empty.restaurant.settings.takeaway,
    paused_until: inMinutes(60),
  });
  expect(afterEvent(closed, said(null))).toEqual(empty);
});
