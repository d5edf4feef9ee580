// Slots that change their size: what was cut for the old ones is cut again.

import { beforeEach, expect, test } from "vitest";
import { line, order, ticket } from "./fakes";
import { Layout } from "./layout";
import { type Cut, cutsOf, type Room } from "./sizes";

const low: Room = { columns: 3, rows: 2, cell_rem: 14, column_rem: 16 };
const high: Room = { columns: 3, rows: 2, cell_rem: 40, column_rem: 16 };
const large = ticket(order("big", [line("Rib"), line("Corn"), line("Lamb")]));
const small = ticket(order("small", [line("Rib")]));
const words = { dish: "Rib", options: [] };
const cuts = (room: Room): Cut[] => [large, small].flatMap((each) => cutsOf(each, room, () => words));

beforeEach(() => localStorage.clear());

test("a ticket that no longer fits into one cell gets two when the screen changes its size", () => {
  const layout = new Layout("demo");
  layout.resize(high, () => cuts(high));
  expect(layout.places.value.get("big")).toEqual({ cell: 0, tall: false });
  layout.resize(low, () => cuts(layout.room.peek()));
  expect(layout.places.value.get("big")).toEqual({ cell: 0, tall: true });
  expect(layout.places.value.get("small")).toEqual({ cell: 2, tall: false });
});

test("a change too small to matter moves nothing", () => {
  const layout = new Layout("demo");
  layout.resize(high, () => cuts(high));
  layout.place([...cuts(high)].slice(1));
  const before = layout.places.value;
  layout.resize({ ...high, cell_rem: 40.2 }, () => cuts(high));
  expect(layout.places.value).toBe(before);
});

test("pins are kept for the next start, and only of tickets that stand here", () => {
  const layout = new Layout("demo");
  layout.resize(high, () => cuts(high));
  layout.togglePin("small");
  layout.togglePin("gone");
  expect([...layout.pinned.value]).toEqual(["small"]);
  expect([...new Layout("demo").pinned.value]).toEqual(["small"]);
  layout.place(cuts(high).slice(1));
  layout.tidy(cuts(high).slice(1));
  expect(layout.places.value.get("small")?.cell).toBe(1);
});
