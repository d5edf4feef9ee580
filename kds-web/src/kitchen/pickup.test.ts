import { expect, test } from "vitest";
import { inMinutes, line, NOW, order } from "./fakes";
import { KEPT_MS, pickupOf } from "./pickup";

const out = { table: null, kind: "takeaway" } as const;
const ready = (id: string, minutes: number) =>
  order(id, [line("Rib", "done")], { ...out, state: "ready", ready_at: inMinutes(minutes) });
const names = (list: readonly { order: { id: string } }[]) => list.map(({ order }) => order.id);

test("what cooks stands by its promise, what is ready with the latest first; tables are not there", () => {
  const { cooking, ready: there } = pickupOf(
    [
      order("later", [line("Rib")], { ...out, due_at: inMinutes(9) }),
      order("soon", [line("Rib", "started")], { ...out, state: "preparing", due_at: inMinutes(2) }),
      order("T1", [line("Rib")]),
      order("gone", [line("Rib", "done")], { ...out, state: "completed" }),
      order("rider", [line("Rib")], { table: null, kind: "delivery" }),
      ready("first", -5),
      ready("last", -1),
    ],
    NOW,
  );
  expect(names(cooking)).toEqual(["soon", "later"]);
  expect(names(there)).toEqual(["last", "first"]);
});

test("what nobody fetched leaves the board by itself", () => {
  expect(pickupOf([ready("old", -1)], NOW + KEPT_MS).ready).toEqual([]);
});
