import { expect, test } from "vitest";
import { line, look, order } from "./fakes";
import { kindCounts, nextOnly, ofKind, onlyFrom } from "./kinds";
import { ticketOf } from "./ticket";

const tickets = (["dine_in", "delivery", "dine_in"] as const).flatMap(
  (kind, i) => ticketOf(order(`${i}`, [line("Ribeye")], { kind }), look()) ?? [],
);

test("each kind is counted, and only the chosen one is shown", () => {
  expect(kindCounts(tickets)).toEqual({ dine_in: 2, takeaway: 0, delivery: 1 });
  expect(ofKind(tickets, "delivery").map((ticket) => ticket.order.id)).toEqual(["1"]);
  expect(ofKind(tickets, null)).toBe(tickets);
});

test("the key goes through the kinds that there are, and back to all", () => {
  const counts = kindCounts(tickets);
  expect(nextOnly(null, counts)).toBe("dine_in");
  expect(nextOnly("dine_in", counts)).toBe("delivery");
  expect(nextOnly("delivery", counts)).toBe(null);
  expect(nextOnly("takeaway", { dine_in: 0, takeaway: 0, delivery: 0 })).toBe(null);
});

test("what a device kept and is no kind means all", () => {
  expect([onlyFrom("takeaway"), onlyFrom("pizza"), onlyFrom(null)]).toEqual(["takeaway", null, null]);
});
