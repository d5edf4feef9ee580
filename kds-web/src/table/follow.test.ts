import { expect, test } from "vitest";
import type { LineState } from "../wire/types";
import { order } from "./fixtures";
import { beforeOf, cancelUntil, dueOf, lineWord, stepOf } from "./follow";

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
  const when = (from: string, to: string) => ({
    from: `2026-01-31T${from}Z`,
    to: `2026-01-31T${to}Z`,
    at: "2026-01-31T19:00:00Z",
    before: 2,
  });
  const due = { state: "preparing", held: false, due_at: "2026-01-31T19:20:00Z" } as const;
  const soon = { ...due, expected: when("19:12:10", "19:16:30") };
  const [from, to] = [at("19:12:10"), at("19:16:30")];
  expect(dueOf(soon, at("19:00:00"))).toEqual({ is: "range", from, to, minutes: [12, 17] });
  expect(dueOf(soon, at("19:15:00"))).toMatchObject({ from: at("19:15:00"), minutes: [1, 2] });
  expect(dueOf(soon, at("19:17:00"))).toEqual({ is: "longer" });
  const rough = { ...due, expected: when("19:33:00", "19:47:00") };
  expect(dueOf(rough, at("19:00:00"))).toMatchObject({ minutes: [30, 50] });
  const far = { ...due, expected: when("20:40:00", "20:47:00") };
  expect(dueOf(far, at("19:00:00"))).toMatchObject({ is: "range", minutes: null });
  expect(dueOf(due, at("19:00:00"))).toMatchObject({ minutes: [19, 20] });
  expect(dueOf({ ...due, held: true }, 0)).toEqual({ is: "unknown" });
  expect(dueOf({ ...due, state: "completed" }, 0)).toEqual({ is: "unknown" });
  expect(dueOf({ ...soon, state: "ready" }, 0)).toEqual({ is: "unknown" });
});

test("how many orders are made before this one is said while it waits, and while they are few", () => {
  const expected = { from: "", to: "", at: "", before: 2 };
  const waits = { state: "confirmed", held: false, expected } as const;
  expect(beforeOf(waits)).toBe(2);
  expect(beforeOf({ ...waits, expected: { ...expected, before: 0 } })).toBe(0);
  expect(beforeOf({ ...waits, expected: { ...expected, before: 4 } })).toBeNull();
  expect(beforeOf({ ...waits, state: "preparing" })).toBeNull();
  expect(beforeOf({ ...waits, held: true })).toBeNull();
});
