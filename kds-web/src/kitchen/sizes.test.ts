// Room is judged before drawing, so that no note is cut and no ticket jumps.

import { expect, test } from "vitest";
import { line, order, ticket } from "./fakes";
import { cutsOf, type Room, rowsOf } from "./sizes";
import type { Ticket, TicketLine } from "./ticket";

const room: Room = { columns: 6, rows: 2, cell_rem: 29.4, column_rem: 16.7 };
const words = ({ line: l }: TicketLine) => ({
  dish: l.name.en ?? "",
  options: l.options.map((o) => o.name.en ?? ""),
});
const lines = (count: number, rest = {}) =>
  Array.from({ length: count }, (_, i) => line(`Dish ${i}`, "queued", rest));
const shape = (of: Ticket, inRoom = room) =>
  cutsOf(of, inRoom, words).map((c) => [c.from, c.to, c.tall ? "tall" : "one"]);

test("a usual ticket takes one cell, a large one a column", () => {
  expect(shape(ticket(order("A", lines(5))))).toEqual([[0, 5, "one"]]);
  expect(shape(ticket(order("A", lines(7))))).toEqual([[0, 7, "tall"]]);
});

test("a longer one goes on, every line is in exactly one part, and parts know each other", () => {
  const cuts = cutsOf(ticket(order("A", lines(60))), room, words);
  expect(cuts.length).toBeGreaterThan(3);
  expect(cuts.flatMap((c) => Array.from({ length: c.to - c.from }, (_, i) => c.from + i))).toEqual([
    ...Array(60).keys(),
  ]);
  expect(cuts.map((c) => c.after)).toEqual([null, ...cuts.slice(0, -1).map((c) => c.key)]);
});

test("notes, options, allergies and strips count", () => {
  const note = "No salt at all, and the sauce in a little bowl beside the plate please, thank you";
  expect(shape(ticket(order("A", lines(4))))[0]?.[2]).toBe("one");
  expect(shape(ticket(order("A", lines(4, { note }))))[0]?.[2]).toBe("tall");
  expect(
    shape(ticket(order("A", lines(4), { note, allergy: "peanut", rush: true, kind: "takeaway" })))[0]?.[2],
  ).toBe("tall");
});

test("a tap on a line does not change how large its ticket is", () => {
  const before = cutsOf(ticket(order("A", [line("Rib"), line("Corn")])), room, words);
  const after = cutsOf(ticket(order("A", [line("Rib", "started"), line("Corn", "done")])), room, words);
  expect(after.map(({ ticket: _, ...cut }) => cut)).toEqual(before.map(({ ticket: _, ...cut }) => cut));
});

test("rows are counted by words; a long word breaks", () => {
  expect(rowsOf("one two three", 7)).toBe(2);
  expect(rowsOf("one", 7)).toBe(1);
  expect(rowsOf("", 7)).toBe(1);
  expect(rowsOf("Donaudampfschifffahrt", 7)).toBe(3);
  expect(rowsOf("a\nb", 7)).toBe(2);
});
