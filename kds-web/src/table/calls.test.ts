import { expect, test } from "vitest";
import { callingOf } from "./calls";
import { seating } from "./fixtures";

const NOON = Date.parse("2026-01-31T12:00:00.000Z");
const at = (seconds: number) => new Date(NOON + seconds * 1_000).toISOString();
const clock = (seconds: number) => ({ now: NOON + seconds * 1_000, pause_ms: 120_000 });
const bill = { reason: "bill", guest: "me", called_at: at(0), coming_at: null, done_at: null } as const;

test("a call waits, then somebody comes, then it rests for a while", () => {
  const called = seating({ calls: [bill] });
  expect(callingOf(called, "bill", false, clock(5))).toEqual({ is: "called", at: NOON });
  expect(callingOf(called, "water", false, clock(5))).toEqual({ is: "free" });
  const coming = seating({ calls: [{ ...bill, coming_at: at(10) }] });
  expect(callingOf(coming, "bill", false, clock(15))).toEqual({ is: "coming", at: NOON + 10_000 });
  const done = seating({ calls: [{ ...bill, coming_at: at(10), done_at: at(30) }] });
  expect(callingOf(done, "bill", false, clock(40))).toEqual({ is: "resting", until: NOON + 120_000 });
  expect(callingOf(done, "bill", false, clock(120))).toEqual({ is: "free" });
  expect(callingOf(done, "bill", true, clock(121))).toEqual({ is: "sending" });
});
