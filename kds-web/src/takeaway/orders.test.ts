import { expect, test } from "vitest";
import { order } from "../table/fixtures";
import {
  folded,
  followed,
  fromKept,
  listed,
  NONE,
  toKeep,
  withAnswer,
  withOrder,
  withSnapshot,
} from "./orders";

const at = (minute: number) => `2026-01-31T19:${String(minute).padStart(2, "0")}:00.000Z`;
const some = (count: number, state: "confirmed" | "completed" = "confirmed") =>
  Array.from({ length: count }, (_, n) => order(`${state}${n}`, { placed_at: at(n), state })).reduce(
    withOrder,
    NONE,
  );

test("a state is taken only if it is newer, wherever it came from", () => {
  let orders = withAnswer(NONE, { ...order("a", { version: 2 }), seq: 1, seen_at: null });
  orders = withSnapshot(orders, { orders: [order("a", { version: 1, state: "cancelled" })], seen: [] });
  expect(orders.all.get("a")?.state).toBe("confirmed");
  const seen = [{ order: "a", at: at(1) }];
  orders = folded(orders, { order: { ...order("a", { version: 3, state: "ready" }) }, seen });
  expect(orders.all.get("a")?.state).toBe("ready");
  expect(orders.seen.get("a")).toBe(at(1));
  expect(folded(orders, { seen })).toBe(orders);
});

test("the newest open orders are followed, as many as a connection may", () => {
  const orders = listed(some(3, "completed")).reduce(withOrder, some(10));
  expect(followed(orders)).toHaveLength(8);
  expect(followed(orders)[0]).toBe("confirmed9");
});

test("what is kept on the phone is read again as it was, the newest of it", () => {
  const orders = withSnapshot(some(30), {
    orders: [],
    seen: [
      { order: "confirmed29", at: at(30) },
      { order: "confirmed0", at: at(30) },
    ],
  });
  const read = fromKept(JSON.parse(JSON.stringify(toKeep(orders))));
  expect(read.all.size).toBe(20);
  expect(read.all.has("confirmed29")).toBe(true);
  expect([...read.seen.keys()]).toEqual(["confirmed29"]);
});
