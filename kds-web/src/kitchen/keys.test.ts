// A bump bar is a keyboard: what each key does, and how it is given to something else.

import { expect, test } from "vitest";
import { ACTS, actOf, DEFAULT_KEYS, Keys, mapFrom, withKey } from "./keys";

const press = (key: string, rest = {}) => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  shiftKey: false,
  repeat: false,
  ...rest,
});

test("digits choose a slot; 0 begins the numbers from 10 on", () => {
  const keys = new Keys();
  expect(keys.down(press("7"))).toEqual({ do: "slot", number: 7 });
  expect(keys.down(press("0"))).toBeNull();
  expect(keys.down(press("2"))).toEqual({ do: "slot", number: 12 });
  keys.down(press("0"));
  expect(keys.down(press("0"))).toEqual({ do: "slot", number: 10 });
  keys.down(press("0"));
  keys.down(press("ArrowUp"));
  expect(keys.down(press("2"))).toEqual({ do: "slot", number: 2 });
});

test("Ctrl alone bumps when it is let go; with another key it is the browser's", () => {
  const keys = new Keys();
  expect(keys.down(press("Control", { ctrlKey: true }))).toBeNull();
  expect(keys.up({ key: "Control" })).toEqual({ do: "bump" });
  keys.down(press("Control", { ctrlKey: true }));
  expect(keys.down(press("r", { ctrlKey: true }))).toBeNull();
  expect(keys.up({ key: "Control" })).toBeNull();
});

test("a key held down moves on but bumps only once", () => {
  const keys = new Keys();
  expect(keys.down(press(" "))).toEqual({ do: "bump" });
  expect(keys.down(press(" ", { repeat: true }))).toBeNull();
  expect(keys.down(press("ArrowRight", { repeat: true }))).toEqual({ do: "right" });
});

test("letters work with the shift key stuck, other keys do nothing, and shift carries a ticket", () => {
  const keys = new Keys();
  expect(keys.down(press("Z", { shiftKey: true }))).toEqual({ do: "undo" });
  expect(keys.down(press("Backspace"))).toEqual({ do: "recall" });
  expect(keys.down(press("?", { shiftKey: true }))).toEqual({ do: "help" });
  expect(keys.down(press("q"))).toBeNull();
  expect(keys.down(press("ArrowLeft", { shiftKey: true }))).toEqual({ do: "carry", across: -1, down: 0 });
});

test("a key that is given to an action is taken from the one that had it", () => {
  const map = withKey(DEFAULT_KEYS, "bump", "Q");
  expect(actOf(map, "q")).toBe("bump");
  expect(actOf(map, " ")).toBeNull();
  const other = withKey(map, "rush", "q");
  expect(actOf(other, "q")).toBe("rush");
  expect(other.bump).toEqual([]);
  expect(new Keys(() => other).down(press("q"))).toEqual({ do: "rush" });
});

test("a map is kept as text, and what is broken in it is as by default", () => {
  const map = withKey(DEFAULT_KEYS, "undo", "F4");
  expect(mapFrom(JSON.stringify(map))).toEqual(map);
  expect(mapFrom("{")).toEqual(DEFAULT_KEYS);
  expect(mapFrom('{"undo":7,"mute":["x"]}')).toEqual({ ...DEFAULT_KEYS, mute: ["x"] });
});

test("no key has two meanings by default", () => {
  const keys = ACTS.flatMap((act) => DEFAULT_KEYS[act]);
  expect(new Set(keys).size).toBe(keys.length);
});
