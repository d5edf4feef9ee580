import { expect, test } from "vitest";
import type { LineState } from "../wire/types";
import { order } from "./fixtures";
import { cancelUntil, dueOf, lineWord, stepOf } from "./follow";

const at = (time: string) => Date.parse(`2026-01-31T${time}Z`);
const lines = (...states: LineState[]) =>
  states.map((state, n) => ({
    id: `${n}`,
    item: "x",
    name: {},
    quantity: 1,
    options: [],
    note: null,
    unit_price: 1,
    state,
    void_reason: null,
  }));

test("steps go on with the order", () => {
  expect(
    ["pending", "confirmed", "preparing", "ready", "completed", "cancelled"].map((s) => stepOf(s as never)),
  ).toEqual([0, 0, 1, 2, 4, null]);
});

test("a line says where it is, and never that it cooks before the gate", () => {
  const [queued, started, done, voided] = lines("queued", "started", "done", "voided") as [
    never,
    never,
    never,
    never,
  ];
  expect(lineWord({ state: "confirmed", held: false }, queued)).toBe("next");
  expect(lineWord({ state: "pending", held: true }, queued)).toBe("waiting");
  expect(lineWord({ state: "preparing", held: false }, started)).toBe("making");
  expect(lineWord({ state: "preparing", held: false }, done)).toBe("coming");
  expect(lineWord({ state: "completed", held: false }, done)).toBe("served");
  expect(lineWord({ state: "completed", held: false }, voided)).toBe("void");
});

test("only the phone that ordered may cancel: while pending, or for a minute before anything began", () => {
  const fresh = order("a", { lines: lines("queued"), confirmed_at: "2026-01-31T19:00:00Z" });
  expect(cancelUntil(fresh, "me")).toBe(at("19:01:00"));
  expect(cancelUntil(fresh, "other")).toBeNull();
  expect(cancelUntil({ ...fresh, lines: lines("queued", "started") }, "me")).toBeNull();
  expect(cancelUntil({ ...fresh, state: "preparing" }, "me")).toBeNull();
  expect(cancelUntil({ ...fresh, state: "pending" }, "me")).toBe(Number.POSITIVE_INFINITY);
});

test("when it comes is a range, then that it takes longer; nothing while it is held", () => {
  const due = { state: "preparing", held: false, due_at: "2026-01-31T19:12:30Z" } as const;
  expect(dueOf(due, at("19:00:00"))).toEqual({ is: "range", from: at("19:15:00"), to: at("19:20:00") });
  expect(dueOf(due, at("19:21:00"))).toEqual({ is: "longer" });
  expect(dueOf({ ...due, held: true }, 0)).toEqual({ is: "unknown" });
  expect(dueOf({ ...due, state: "completed" }, 0)).toEqual({ is: "unknown" });
});
