import { expect, test } from "vitest";
import { order, seating } from "./fixtures";
import { byGuest, evenly } from "./split";
import { billOf, type Tab } from "./tab";

const guests = [
  { id: "me", number: 1, released: true },
  { id: "you", number: 2, released: true },
];

function tab(...orders: ReturnType<typeof order>[]): Tab {
  const held = new Map(orders.map((one) => [one.id, one]));
  return { heard: true, seating: seating({ guests }), orders: held, seen: new Map() };
}

const total = (cents: number) => ({ subtotal: cents, service: 0, tax: 0, total: cents });

test("each phone's part is what it ordered; what staff ordered stands apart; together they are the bill", () => {
  const all = tab(
    order("a", { guest: "you", totals: total(700) }),
    order("b", { guest: "me", totals: total(300) }),
    order("c", { guest: "me", totals: total(1100) }),
    order("d", { guest: null, totals: total(50) }),
    order("e", { guest: "me", totals: total(999), state: "cancelled" }),
  );
  const shares = byGuest(all);
  expect(shares).toEqual([
    { guest: "me", total: 1400 },
    { guest: "you", total: 700 },
    { guest: null, total: 50 },
  ]);
  expect(shares.reduce((sum, share) => sum + share.total, 0)).toBe(billOf(all));
});

test("even parts add up to the bill and differ by a cent at most", () => {
  for (const [bill, people] of [
    [1000, 3],
    [1, 2],
    [0, 4],
    [99_999, 7],
  ] as const) {
    const parts = evenly(bill, people);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(bill);
    expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
  }
});
