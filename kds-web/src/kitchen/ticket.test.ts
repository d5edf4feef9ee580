// Which orders have a ticket at a station, what is on it, and how old it is.

import { expect, test } from "vitest";
import type { Order } from "../wire/types";
import { inMinutes, line, look, NOW, order, settings, task, ticket } from "./fakes";
import { addedOnes, doneAt, onHold, promisedOf, ticketOf, usedOf, verdictOf } from "./ticket";

const minute = 60_000;

test("a ticket holds only the lines of the shown stations, and says where else a line is cooked", () => {
  const burger = line("Burger", "queued", { tasks: [task("grill"), task("fry", "done")] });
  const chips = line("Chips", "queued", { tasks: [task("fry")] });
  const made = ticket(order("A", [burger, chips]));
  expect(made.lines.map((l) => l.line.name.en)).toEqual(["Burger"]);
  expect(made.lines[0]?.also).toEqual([{ station: "fry", done: true }]);
  expect(ticket(order("A", [burger, chips]), { shown: null }).lines).toHaveLength(2);
});

test("a line's mark is what the shown stations made of it", () => {
  const both = line("Burger", "queued", { tasks: [task("grill", "done"), task("fry")] });
  expect(ticket(order("A", [both, line("Corn")])).lines[0]?.mark).toBe("done");
  expect(ticket(order("A", [both]), { shown: null }).lines[0]?.mark).toBe("started");
  expect(ticket(order("A", [line("Corn", "voided"), line("Rib")])).lines.map((l) => l.mark)).toEqual([
    "voided",
    "queued",
  ]);
});

test("a ticket whose lines are all done leaves; the other station's stays", () => {
  const burger = line("Burger", "queued", { tasks: [task("grill", "done"), task("fry", "started")] });
  expect(ticketOf(order("A", [burger]), look())).toBeNull();
  expect(ticketOf(order("A", [burger]), look({ shown: new Set(["fry"]) }))).not.toBeNull();
});

test("what waits at the gate, and what has nothing here, has no ticket", () => {
  expect(ticketOf(order("A", [line("Rib")], { held: true }), look())).toBeNull();
  expect(ticketOf(order("A", [line("Rib")]), look({ shown: new Set(["fry"]) }))).toBeNull();
});

test("a cancelled ticket stays until somebody says OK, also when the news came hours late", () => {
  const gone = order("A", [line("Rib", "started")], { state: "cancelled", cancelled_at: inMinutes(-180) });
  expect(ticketOf(gone, look({ inSlot: () => true }))?.cancelled).toBe(true);
  expect(ticketOf(gone, look({ inSlot: () => true, acknowledged: () => true }))).toBeNull();
  expect(ticketOf(gone, look())).toBeNull();
  expect(ticketOf({ ...gone, cancelled_at: inMinutes(-2) }, look())?.cancelled).toBe(true);
});

test("a voided line keeps its ticket until somebody says OK, but brings no old ticket back", () => {
  const done = order("A", [line("Rib", "done"), line("Corn", "voided")]);
  expect(ticketOf(done, look({ inSlot: () => true }))?.lines[1]?.asks).toBe(true);
  expect(ticketOf(done, look({ inSlot: () => true, acknowledged: () => true }))).toBeNull();
  expect(ticketOf(done, look())).toBeNull();
});

test("late is over the promised time, soon its last third, and each has its word", () => {
  const made = ticket(order("A", [line("Rib", "started")]));
  expect(made.promised).toEqual({
    from_ms: NOW - 3 * minute,
    soon_ms: NOW + 5 * minute,
    due_ms: NOW + 9 * minute,
  });
  expect(verdictOf(made, NOW + 5 * minute - 1)).toBe("fresh");
  expect(verdictOf(made, NOW + 5 * minute)).toBe("soon");
  expect(verdictOf(made, NOW + 9 * minute)).toBe("soon");
  expect(verdictOf(made, NOW + 9 * minute + 1)).toBe("late");
});

test("without a preparation time the restaurant's own thresholds hold", () => {
  const general = order("A", [line("Rib")], { confirmed_at: inMinutes(0), due_at: inMinutes(15) });
  expect(promisedOf(general, settings).soon_ms).toBe(NOW + 10 * minute);
});

test("the clock of an order that confirms itself begins when it reached the kitchen", () => {
  const released = order("A", [line("Rib")], {
    placed_at: inMinutes(-20),
    confirmed_at: inMinutes(0),
    due_at: inMinutes(12),
  });
  expect(promisedOf(released, settings).from_ms).toBe(NOW);
  expect(promisedOf(released, { ...settings, auto_confirm: false }).from_ms).toBe(NOW - 20 * minute);
});

test("more for a table that has a ticket is marked as added, until somebody begins it", () => {
  const at = { table: { id: "t4", label: "T4" } };
  const made = (...orders: Order[]) => orders.flatMap((one) => ticketOf(one, look()) ?? []);
  const first = order("1", [line("Ribeye")], at);
  const more = order("2", [line("Bread")], at);
  expect([...addedOnes(made(first, more, order("3", [line("Bread")])))]).toEqual(["2"]);
  expect([...addedOnes(made(first, order("2", [line("Bread", "started")], at)))]).toEqual([]);
  expect([...addedOnes(made(more))]).toEqual([]);
});

test("new is a ticket of the last minute that nobody has touched", () => {
  const made = ticket(order("A", [line("Rib")], { confirmed_at: inMinutes(0) }));
  expect(verdictOf(made, NOW + 59_000)).toBe("new");
  expect(verdictOf(made, NOW + 60_000)).toBe("fresh");
  expect(verdictOf(ticket(order("A", [line("Rib", "started")], { confirmed_at: inMinutes(0) })), NOW)).toBe(
    "fresh",
  );
});

test("the share of the promised time stays between nothing and all", () => {
  const promised = { from_ms: 0, soon_ms: 60, due_ms: 100 };
  expect([-5, 0, 25, 100, 500].map((at) => usedOf(promised, at))).toEqual([0, 0, 0.25, 1, 1]);
});

test("a station finished an order when its last task was done; voided lines do not count", () => {
  const done = order("A", [line("Rib", "done"), line("Corn", "voided")]);
  expect(doneAt(done, new Set(["grill"]))).toBe(NOW - minute);
  expect(doneAt(done, new Set(["fry"]))).toBeNull();
  expect(doneAt(order("A", [line("Corn", "voided")]), new Set(["grill"]))).toBeNull();
});

test("a ticket of which only courses on hold are left waits in the list, not on the wall", () => {
  const o = order("A", [line("Rib", "done"), line("Lamb", "queued", { held: true })]);
  expect(ticketOf(o, look())).toBeNull();
  expect(onHold(o, new Set(["grill"])).map(({ id }) => id)).toEqual(["l-Lamb"]);
  expect(onHold(o, new Set(["fry"]))).toEqual([]);
  expect(doneAt(o, new Set(["grill"]))).toBe(Date.parse(inMinutes(-1)));
});

test("when all that is left was fired or made again, the clock begins there", () => {
  const late = { placed_at: inMinutes(-30), confirmed_at: inMinutes(-30), due_at: inMinutes(-18) };
  const fired = line("Lamb", "queued", { called_at: inMinutes(-2) });
  const { promised } = ticket(order("A", [line("Rib", "done"), fired], late));
  expect([promised.from_ms, promised.due_ms]).toEqual([NOW - 2 * 60_000, NOW + 10 * 60_000]);
  const both = ticket(order("A", [line("Rib"), fired], late));
  expect(both.promised.from_ms).toBe(NOW - 30 * 60_000);
});
