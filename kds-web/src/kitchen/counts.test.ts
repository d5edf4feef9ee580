// Sums are portions, and say what is true at the shown stations.

import { expect, test } from "vitest";
import { AT } from "../wire/fakes";
import { afterEvent, fromSnapshot, withMenu } from "./board";
import { alarmsToShow, allDay, bumped, pace, soldOut, verdicts } from "./counts";
import { inMinutes, line, menuOf, NOW, order, snapshot, ticket } from "./fakes";

test("all day counts portions that are not done, in menu order, with the begun ones beside", () => {
  const tickets = [
    ticket(
      order("A", [line("Rib", "started", { quantity: 2 }), line("Corn", "done"), line("Lamb", "voided")]),
    ),
    ticket(order("B", [line("Corn"), line("Rib", "queued", { quantity: 3 })])),
    ticket(order("C", [line("Rib")], { state: "cancelled", cancelled_at: inMinutes(0) })),
  ];
  const { dishes } = withMenu(fromSnapshot(snapshot(), null), menuOf("Corn", "Lamb", "Rib"));
  expect(allDay(tickets, dishes).map((sum) => [sum.item, sum.portions, sum.started])).toEqual([
    ["i-Corn", 1, 0],
    ["i-Rib", 5, 2],
  ]);
});

test("the bar counts open tickets by age; cancelled ones are not open", () => {
  const tickets = [
    ticket(order("A", [line("Rib")], { due_at: inMinutes(-1) })),
    ticket(order("B", [line("Rib")], { due_at: inMinutes(1) })),
    ticket(order("C", [line("Rib")], { state: "cancelled", cancelled_at: inMinutes(0) })),
  ];
  expect(verdicts(tickets, NOW)).toMatchObject({ open: 2, late: 1, soon: 1 });
});

test("bumped is what the shown stations finished, the latest first; cancelled ones are not", () => {
  const early = line("Rib", "done");
  early.tasks = early.tasks.map((t) => ({ ...t, done_at: inMinutes(-9) }));
  const orders = [
    order("A", [early]),
    order("B", [line("Rib", "done")]),
    order("C", [line("Rib")]),
    order("D", [line("Rib", "done")], { state: "cancelled" }),
  ];
  const done = bumped(orders, new Set(["grill"]));
  expect(done.map(({ order: o }) => o.id)).toEqual(["B", "A"]);
  expect(pace(done.slice(0, 1), () => NOW - 180_000)).toEqual({ took_ms: 120_000, aim_ms: 720_000 });
  expect(pace([], () => 0)).toBeNull();
});

test("sold out is what is off, or nearly", () => {
  const board = withMenu(fromSnapshot(snapshot(), null), menuOf("Rib", "Corn", "Lamb"));
  const item = {
    id: "i-Corn",
    name: { en: "Corn" },
    price: 1,
    available: true,
    stock: 2,
    version: 3,
    menu_version: 2,
  };
  const after = afterEvent(board, {
    topic: "kitchen",
    seq: 1,
    prev: 0,
    at: AT,
    kind: "item.changed",
    command: "c",
    item,
  });
  expect(soldOut(after.dishes).map((dish) => dish.item.id)).toEqual(["i-Corn"]);
});

test("W7 an alarm is shown unless this screen shows the ticket itself, or it was not raised again", () => {
  const unseen = { order: "A", number: 1, table: null, stations: ["grill"], nth: 1, since: AT };
  const shownHere = order("A", [line("Rib")]);
  const board = afterEvent(fromSnapshot(snapshot(shownHere), null), {
    topic: "kitchen",
    seq: 1,
    prev: 0,
    at: AT,
    kind: "order.unseen",
    command: "c",
    unseen,
  });
  const ids = (...args: [Parameters<typeof alarmsToShow>[1], Parameters<typeof alarmsToShow>[2], number]) =>
    alarmsToShow(board, ...args).map((alarm) => alarm.unseen.order);
  expect(ids([], new Set(["fry"]), NOW)).toEqual(["A"]);
  expect(ids([ticket(shownHere)], new Set(["grill"]), NOW)).toEqual([]);
  expect(ids([], new Set(["fry"]), NOW + 120_000)).toEqual([]);
});
