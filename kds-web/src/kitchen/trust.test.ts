import { expect, test } from "vitest";
import { trustOf } from "./trust";

test("L10 live is said only of a connection that follows its topic and has fresh news", () => {
  expect(trustOf({ is: "live" }, true, 400)).toBe("live");
  expect(trustOf({ is: "live" }, false, 400)).toBe("moving");
  expect(trustOf({ is: "live" }, true, 9_000)).toBe("stale");
});

test("L10 a planned move is quiet for five seconds, then it is called old", () => {
  expect(trustOf({ is: "connecting" }, false, 1_500)).toBe("moving");
  expect(trustOf({ is: "connecting" }, false, 5_001)).toBe("stale");
});

test("L10 silence is stale, a broken line is offline, an ended one too", () => {
  expect(trustOf({ is: "stale" }, false, 5_200)).toBe("stale");
  expect(trustOf({ is: "offline" }, false, 100)).toBe("offline");
  expect(trustOf({ is: "ended", reason: { code: "update", message: "" } }, false, 100)).toBe("offline");
});

test("L10 before the first snapshot nothing is claimed", () => {
  expect(trustOf({ is: "live" }, false, null)).toBe("starting");
  expect(trustOf({ is: "offline" }, false, null)).toBe("starting");
});
