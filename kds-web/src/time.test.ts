import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clock, heard, serverNow, startClock, stopwatch, timeOfDay } from "./time";

beforeEach(() => vi.useFakeTimers({ now: Date.parse("2026-01-31T19:00:00Z") }));
afterEach(() => vi.useRealTimers());

test("L10 ages follow the server's clock: late news does not turn it back, a set clock does", () => {
  heard("2026-01-31T19:00:10.000Z");
  expect(serverNow()).toBe(Date.parse("2026-01-31T19:00:10.000Z"));
  heard("2026-01-31T19:00:09.200Z");
  expect(serverNow()).toBe(Date.parse("2026-01-31T19:00:10.000Z"));
  heard("2026-01-31T19:00:00.000Z");
  expect(serverNow()).toBe(Date.parse("2026-01-31T19:00:00.000Z"));
});

test("W11 a machine that slept is noticed at the next tick", () => {
  const slept = vi.fn();
  const stop = startClock(slept);
  vi.advanceTimersByTime(3_000);
  expect(slept).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(1_000);
  expect(slept).toHaveBeenCalledOnce();
  expect(clock.value).toBe(serverNow());
  stop();
});

test("ages read like a stopwatch, times like a clock on the wall of the restaurant", () => {
  expect(stopwatch(-5)).toBe("0:00");
  expect(stopwatch(185_999)).toBe("3:05");
  expect(stopwatch(3_725_000)).toBe("1:02:05");
  expect(timeOfDay(Date.parse("2026-01-31T19:07:46Z"), "Europe/Madrid")).toBe("20:07");
  expect(timeOfDay(Date.parse("2026-01-31T19:07:46Z"), "Europe/Madrid", true)).toBe("20:07:46");
});
