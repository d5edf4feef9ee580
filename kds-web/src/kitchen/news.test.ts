// What the ear is told: one sound for all that is new, again each minute until a hand moves.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { inMinutes, line, order, ticket } from "./fakes";
import { AGAIN_MS, News } from "./news";
import type { Sound } from "./sounds";

let heard: Sound[];
let news: News;
const a = ticket(order("A", [line("Rib")]));
const b = ticket(order("B", [line("Rib")]));

beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
  news = new News((sound) => heard.push(sound));
  news.tell([a], false);
});
afterEach(() => {
  news.acknowledge();
  vi.useRealTimers();
});

test("what was there at first is no news, nor what is there twice or comes back", () => {
  news.tell([a], false);
  news.tell([], false);
  news.tell([a], false);
  expect(heard).toEqual([]);
});

test("a new ticket is told again each minute until a hand moves", () => {
  expect(news.tell([a, b], false)).toBe(true);
  vi.advanceTimersByTime(2 * AGAIN_MS);
  expect(heard).toEqual(["new", "new", "new"]);
  news.acknowledge();
  vi.advanceTimersByTime(2 * AGAIN_MS);
  expect(heard).toHaveLength(3);
});

test("more for a table that has a ticket sounds like more, an allergy like an allergy", () => {
  const table = { id: "t", label: "T1" };
  const first = ticket(order("C", [line("Rib")], { table }));
  const more = ticket(order("D", [line("Corn")], { table }));
  news.tell([a, first], false);
  news.tell([a, first, more], false);
  news.tell([a, ticket(order("E", [line("Rib")], { allergy: "nuts" }))], false);
  expect(heard).toEqual(["new", "added", "allergy"]);
});

test("what is cancelled or struck is told once", () => {
  news.tell([ticket(order("A", [line("Rib"), line("Corn", "voided")]))], false);
  const cancelled = order("A", [line("Rib")], { state: "cancelled", cancelled_at: inMinutes(0) });
  news.tell([ticket(cancelled, { inSlot: () => true })], false);
  vi.advanceTimersByTime(2 * AGAIN_MS);
  expect(heard).toEqual(["cancelled", "cancelled"]);
});

test("only the pass hears that all is ready", () => {
  const ready = ticket(order("A", [line("Rib", "done")]), { pass: true, shown: null });
  news.tell([ready], false);
  expect(heard).toEqual([]);
  news.forget();
  news.tell([a], true);
  news.tell([ready], true);
  expect(heard).toEqual(["ready"]);
});
