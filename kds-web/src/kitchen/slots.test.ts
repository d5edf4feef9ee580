// The screen never moves by itself: where tickets stand, and who takes a free slot.

import { expect, test } from "vitest";
import { carried, type Grid, NOWHERE, type Piece, pagesOf, placed, slotNumber } from "./slots";

const grid: Grid = { columns: 3, rows: 2 };
const rules = { promote: true, left: NOWHERE };
const p = (key: string, tall = false, after: string | null = null): Piece => ({ key, tall, after });
const cells = (places: ReturnType<typeof placed>) =>
  Object.fromEntries([...places].map(([key, place]) => [key, place.cell]));

test("slots count down the first column, then the next; the oldest stands first", () => {
  expect(cells(placed(NOWHERE, [p("a"), p("b"), p("c")], grid, rules))).toEqual({ a: 0, b: 1, c: 2 });
});

test("a ticket keeps its slot when others leave, and a free slot stays free until the next takes it", () => {
  const before = placed(NOWHERE, [p("a"), p("b"), p("c")], grid, rules);
  const after = placed(before, [p("b"), p("c")], grid, rules);
  expect(cells(after)).toEqual({ b: 1, c: 2 });
  expect(cells(placed(after, [p("b"), p("c"), p("d")], grid, rules))).toEqual({ b: 1, c: 2, d: 0 });
});

test("an older ticket that arrives late does not push others aside", () => {
  const before = placed(NOWHERE, [p("b"), p("c")], grid, rules);
  expect(cells(placed(before, [p("a"), p("b"), p("c")], grid, rules))).toEqual({ b: 0, c: 1, a: 2 });
});

test("a large order takes both cells of a column and keeps the first number", () => {
  const places = placed(NOWHERE, [p("a"), p("big", true), p("c")], grid, rules);
  expect(cells(places)).toEqual({ a: 0, big: 2, c: 1 });
  expect(slotNumber(places.get("big")?.cell ?? -1, grid)).toBe(3);
});

test("a ticket that grew takes the free cell under it, never another one, and never shrinks", () => {
  const before = placed(NOWHERE, [p("a"), p("b"), p("c")], grid, rules);
  const grown = placed(before, [p("a", true), p("b"), p("c", true)], grid, rules);
  expect(grown.get("a")).toEqual({ cell: 0, tall: false });
  expect(grown.get("c")).toEqual({ cell: 2, tall: true });
  expect(placed(grown, [p("a"), p("b"), p("c")], grid, rules).get("c")?.tall).toBe(true);
});

test("what finds no slot waits on the next page, and the oldest of those takes the first free one", () => {
  const names = [..."abcdefgh"];
  const before = placed(
    NOWHERE,
    names.map((n) => p(n)),
    grid,
    rules,
  );
  expect(pagesOf(before, grid)).toBe(2);
  expect(before.get("g")?.cell).toBe(6);
  const rest = names.filter((n) => n !== "c").map((n) => p(n));
  expect(cells(placed(before, rest, grid, rules))).toMatchObject({ a: 0, b: 1, g: 2, h: 7 });
  expect(placed(before, rest, grid, { ...rules, promote: false }).get("g")?.cell).toBe(6);
});

test("a ticket that is brought back goes to its old slot, if that is free", () => {
  const left = new Map([["c", { cell: 2, tall: false }]]);
  const before = placed(NOWHERE, [p("x"), p("y")], grid, rules);
  const other = placed(before, [p("y")], grid, rules);
  expect(placed(other, [p("y"), p("c")], grid, { promote: true, left }).get("c")?.cell).toBe(2);
  const taken = new Map([["c", { cell: 1, tall: false }]]);
  expect(placed(other, [p("y"), p("c")], grid, { promote: true, left: taken }).get("c")?.cell).toBe(0);
});

test("a part that goes on stands behind the one it goes on from", () => {
  const before = placed(NOWHERE, [p("a"), p("b"), p("c")], grid, rules);
  const gap = placed(before, [p("b"), p("c")], grid, rules);
  const places = placed(gap, [p("b"), p("c"), p("big", true), p("big#1", false, "big")], grid, rules);
  expect(cells(places)).toEqual({ b: 1, c: 2, big: 4, "big#1": 6 });
});

test("with one row there are no tall tickets", () => {
  const flat: Grid = { columns: 3, rows: 1 };
  expect(placed(NOWHERE, [p("a", true), p("b")], flat, rules)).toEqual(
    new Map([
      ["a", { cell: 0, tall: false }],
      ["b", { cell: 1, tall: false }],
    ]),
  );
});

test("a hand carries a ticket to another slot, and the one that stood there takes its place", () => {
  const before = placed(NOWHERE, [p("a"), p("b"), p("c")], grid, rules);
  expect(cells(carried(before, 0, 2, grid))).toEqual({ a: 2, b: 1, c: 0 });
  expect(cells(carried(before, 1, 5, grid))).toEqual({ a: 0, b: 5, c: 2 });
});

test("where a large order is carried, or stood, whole columns change places", () => {
  const before = placed(NOWHERE, [p("a"), p("b"), p("big", true)], grid, rules);
  const after = { a: 2, b: 3, big: 0 };
  expect(cells(carried(before, 2, 1, grid))).toEqual(after);
  expect(cells(carried(before, 1, 3, grid))).toEqual(after);
});
