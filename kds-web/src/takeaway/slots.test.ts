import { describe, expect, test } from "vitest";
import { EMPTY } from "../table/cart";
import { item } from "../table/fixtures";
import type { SlotList } from "../wire/types";
import { agreedOf, daysOf, pickupOf, standingOf, workOf } from "./slots";

const at = (text: string) => ({ at: `2026-01-31T${text}:00.000Z` });
const list: SlotList = {
  on: true,
  soonest: at("19:22").at,
  slots: [at("20:00"), at("23:15")],
  full: [at("20:15")],
};

describe("the times of a list", () => {
  test("stand by day where the restaurant is, those that are taken in their place", () => {
    expect(daysOf(list, "Europe/Madrid")).toEqual([
      {
        date: "2026-01-31",
        times: [
          { ...at("20:00"), full: false },
          { ...at("20:15"), full: true },
        ],
      },
      { date: "2026-02-01", times: [{ ...at("23:15"), full: false }] },
    ]);
    expect(daysOf(list, "UTC")).toHaveLength(1);
  });

  test("say how takeaway stands", () => {
    const of = (changes: Partial<SlotList>) => standingOf({ on: true, slots: [], ...changes }).is;
    expect(standingOf(null).is).toBe("unknown");
    expect(of({ on: false })).toBe("off");
    expect(of({ paused_until: at("20:00").at, opens_at: at("20:00").at })).toBe("paused");
    expect(of({ opens_at: at("20:00").at, slots: [at("20:00")] })).toBe("closed");
    expect(of({})).toBe("closed");
    expect(of({ full: [at("20:15")] })).toBe("full");
    expect(standingOf(list)).toEqual({ is: "open", soonest: at("19:22").at });
  });
});

describe("what was chosen", () => {
  test("holds as long as it can be had; nothing said means as soon as possible", () => {
    expect(pickupOf(at("20:00").at, list)).toBe(at("20:00").at);
    expect(pickupOf(at("20:15").at, list)).toBeUndefined();
    expect(pickupOf(undefined, list)).toBeNull();
    expect(pickupOf(null, { on: true, slots: [at("20:00")] })).toBeUndefined();
    expect(pickupOf(at("20:15").at, null)).toBe(at("20:15").at);
  });

  test("needs the slowest dish's time, and the time of all portions", () => {
    const items = new Map(
      [item("steak", { preparation_minutes: 14 }), item("bread", { preparation_minutes: 3 })].map((one) => [
        one.id,
        one,
      ]),
    );
    const line = (id: string, quantity: number) => ({
      key: id,
      item: id,
      name: {},
      quantity,
      options: [],
      note: "",
      problem: null,
    });
    const cart = { ...EMPTY, lines: [line("steak", 2), line("bread", 3), line("gone", 4)] };
    expect(workOf(cart, items)).toEqual({ preparation: 14, minutes: 37 });
  });
});

test("an order is for a time when one was chosen, else for as soon as possible", () => {
  expect(agreedOf({ pickup_at: at("20:15").at })).toBe(at("20:15").at);
  expect(agreedOf({ pickup_at: at("20:07").at, start_at: at("19:50").at })).toBe(at("20:07").at);
  expect(agreedOf({ pickup_at: at("20:07").at })).toBeNull();
  expect(agreedOf({})).toBeNull();
});
