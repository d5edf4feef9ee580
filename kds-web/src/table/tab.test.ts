import { describe, expect, test } from "vitest";
import type { EventMessage, GuestOrder } from "../wire/types";
import { order, restaurant, seating } from "./fixtures";
import { billOf, fold, freshTab, lets, ordersOf, type Tab, tabOf, withAnswer } from "./tab";

const snapshot = (orders: GuestOrder[]) =>
  tabOf({ restaurant, seating: seating(), menu_version: 1, orders, seen: [] });
type News = Pick<EventMessage, "order" | "seen" | "seating">;
const folded = (tab: Tab, news: readonly News[]) => news.reduce(fold, tab);

describe("folding", () => {
  const placed = order("a");
  const cooking = order("a", { version: 2, state: "preparing" });
  const ready = order("a", { version: 3, state: "ready" });

  test("events in order, twice, or only the newest give the same tab", () => {
    const once = folded(snapshot([]), [{ order: placed }, { order: cooking }, { order: ready }]);
    const twice = folded(once, [{ order: placed }, { order: ready }, { order: cooking }]);
    const newest = folded(snapshot([]), [{ order: ready }]);
    expect(twice).toBe(once);
    expect(newest).toEqual(once);
  });

  test("an old state never covers a newer one", () => {
    expect(folded(snapshot([ready]), [{ order: placed }]).orders.get("a")?.state).toBe("ready");
  });

  test("old state and events are the state fetched afresh", () => {
    const other = order("b", { number: 2, placed_at: "2026-01-31T19:05:00.000Z" });
    const tab = folded(snapshot([placed]), [{ order: other }, { order: cooking }]);
    expect(tab).toEqual(snapshot([cooking, other]));
    expect(ordersOf(tab).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test("a receipt is kept from its first time on", () => {
    const seen = folded(snapshot([placed]), [
      { seen: [{ order: "a", at: "t1" }] },
      { seen: [{ order: "a", at: "t2" }] },
    ]);
    expect(seen.seen.get("a")).toBe("t1");
  });

  test("a seating of another party changes nothing", () => {
    const tab = snapshot([]);
    expect(folded(tab, [{ seating: seating({ id: "other", version: 9 }) }])).toBe(tab);
    expect(folded(tab, [{ seating: seating({ version: 2, closed_at: "t" }) }]).seating.closed_at).toBe("t");
  });
});

test("the answer to a sent order is news like any other", () => {
  const tab = withAnswer(freshTab(seating()), { ...order("a"), seq: 9, seen_at: "t1" });
  expect(tab.orders.get("a")).toEqual(order("a"));
  expect(tab.seen.get("a")).toBe("t1");
  expect(tab.heard).toBe(false);
});

test("the bill is what was not cancelled", () => {
  const tab = snapshot([order("a"), order("b", { state: "cancelled" }), order("c", { guest: "other" })]);
  expect(billOf(tab)).toBe(2000);
});

test("the gate opens as the server opens it", () => {
  const me = (released: boolean) => [{ id: "me", number: 1, released }];
  expect(lets(seating({ gate: "none", released: false }), "me")).toBe(true);
  expect(lets(seating({ gate: "seating", released: false, guests: me(true) }), "me")).toBe(false);
  expect(lets(seating({ gate: "seating", released: true }), "me")).toBe(true);
  expect(lets(seating({ gate: "pin", released: false, guests: me(true) }), "me")).toBe(true);
  expect(lets(seating({ gate: "phone", released: false, guests: me(false) }), "me")).toBe(false);
});
