import { describe, expect, test } from "vitest";
import type { Problem } from "../wire/types";
import {
  type Answer,
  certain,
  hurried,
  KEEP_MS,
  kept,
  LEASE_MS,
  next,
  readiness,
  type Step,
  takenBack,
  trying,
} from "./sending";

const T = 1_000_000;
const fresh = kept({
  id: "k",
  seating: "s",
  guest: "me",
  draft: { kind: "dine_in", lines: [] },
  lines: [],
  note: "",
  allergy: "",
  kept_at: T,
});
const tried = trying(fresh, "tab", T);
const no = (
  status: number,
  code: string,
  more: Partial<Problem> = {},
  retry_after_ms: number | null = null,
): Answer => ({
  is: "refused",
  status,
  problem: { type: "about:blank", title: code, status, code, detail: "", ...more },
  retry_after_ms,
});
const waits = (step: Step) => {
  if (step.do !== "wait") throw new Error(`expected to wait, not to ${step.do}`);
  return step.order;
};

describe("a try", () => {
  test("goes out once, at its time, for its seating, within a day", () => {
    expect(readiness(fresh, "tab", "s", T)).toBe("now");
    expect(readiness(fresh, "tab", "other", T)).toBe("other_seating");
    expect(readiness({ ...fresh, next_at: T + 9 }, "tab", "s", T)).toBe("not_yet");
    expect(readiness(fresh, "tab", "s", T + KEEP_MS)).toBe("too_old");
  });

  test("is left to the tab that began it, until its lease is over", () => {
    expect(readiness(tried, "other", "s", T + 1)).toBe("elsewhere");
    expect(readiness(tried, "tab", "s", T + 1)).toBe("now");
    expect(readiness(tried, "other", "s", T + LEASE_MS)).toBe("now");
  });

  test("does not wait for a clock that was set back", () => {
    expect(readiness({ ...fresh, kept_at: T, next_at: T + KEEP_MS }, "tab", "s", T)).toBe("now");
    expect(readiness({ ...tried, kept_at: T - KEEP_MS / 2 }, "other", "s", T - KEEP_MS / 2)).toBe("now");
  });
});

describe("its answer", () => {
  test("placed is the end", () => {
    expect(next(tried, { is: "placed", order: "o" }, T, 0)).toEqual({ do: "done", too_late: false });
  });

  test("silence and 5xx leave it in doubt and try again with backoff", () => {
    for (const answer of [{ is: "silence" } as const, no(503, "busy"), no(500, "fault")]) {
      const order = waits(next(tried, answer, T, 0.5));
      expect(order.doubts).toBe(1);
      expect(order.id).toBe("k");
      expect(order.next_at).toBeGreaterThan(T);
      expect(order.next_at).toBeLessThan(T + 21_000);
      expect(order.lease).toBeNull();
    }
  });

  test("Retry-After is honoured, and 429 leaves no doubt", () => {
    const order = waits(next(tried, no(429, "limited", {}, 5_000), T, 0));
    expect(order.next_at).toBe(T + 5_000);
    expect(order.doubts).toBe(0);
    expect(hurried(order, T + 1).next_at).toBe(T + 5_000);
    expect(hurried(waits(next(tried, { is: "silence" }, T, 1)), T + 1).next_at).toBe(T + 1);
  });

  test("401 scans again and keeps the key", () => {
    const step = next(tried, no(401, "unauthorized"), T, 0);
    expect(step).toMatchObject({ do: "scan", order: { id: "k", doubts: 0 } });
  });

  test("refusals give the lines back, with their reasons", () => {
    const lines = [{ line: 0, item: "i", reason: "sold_out" as const, message: "" }];
    expect(next(tried, no(409, "unavailable", { lines }), T, 0)).toEqual({
      do: "put_back",
      why: { is: "unavailable", lines },
    });
    expect(next(tried, no(409, "total_changed", { total: 7 }), T, 0)).toEqual({
      do: "put_back",
      why: { is: "total_changed", total: 7 },
    });
    expect(next(tried, no(422, "invalid", { detail: "Too long." }), T, 0)).toEqual({
      do: "put_back",
      why: { is: "refused", code: "invalid", message: "Too long." },
    });
  });

  test("a closed table says so, and whether an earlier try may have arrived", () => {
    expect(next(tried, no(409, "seating_closed"), T, 0)).toEqual({
      do: "put_back",
      why: { is: "closed", unsure: false },
    });
    const doubtful = trying(waits(next(tried, { is: "silence" }, T, 0)), "tab", T);
    expect(next(doubtful, no(410, "seating_closed"), T, 0)).toEqual({
      do: "put_back",
      why: { is: "closed", unsure: true },
    });
  });

  test("a key that was used up means that the order is there", () => {
    expect(next(tried, no(422, "id_reused"), T, 0)).toEqual({ do: "done", too_late: false });
  });
});

describe("taking it back", () => {
  test("is done at once only while nobody else can have it", () => {
    expect(takenBack(fresh, T)).toEqual({ do: "put_back", why: { is: "taken_back" } });
    expect(certain(waits(next(tried, no(429, "limited"), T, 0)))).toBe(true);
    expect(certain(tried)).toBe(false);
    expect(certain(trying(waits(next(tried, no(429, "limited"), T, 0)), "tab", T))).toBe(false);
  });

  test("else it is sent, then cancelled", () => {
    const wished = waits(takenBack(waits(next(tried, { is: "silence" }, T, 1)), T));
    expect(wished).toMatchObject({ take_back: true, next_at: T });
    const placed = waits(next(trying(wished, "tab", T), { is: "placed", order: "o" }, T, 0));
    expect(placed).toMatchObject({ placed: "o", next_at: T });
    expect(certain(placed)).toBe(false);
    expect(next(placed, { is: "cancelled" }, T, 0)).toEqual({ do: "put_back", why: { is: "taken_back" } });
    expect(next(placed, no(409, "too_late"), T, 0)).toEqual({ do: "done", too_late: true });
    expect(waits(next(placed, { is: "silence" }, T, 0)).placed).toBe("o");
  });
});
