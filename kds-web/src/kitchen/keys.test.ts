// A bump bar is a keyboard: what each key does.

import { expect, test } from "vitest";
import { Keys } from "./keys";

const press = (key: string, rest = {}) => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  ...rest,
});

test("digits choose a slot; 0 begins the numbers from 10 on", () => {
  const keys = new Keys();
  expect(keys.down(press("7"))).toEqual({ do: "slot", number: 7 });
  expect(keys.down(press("0"))).toBeNull();
  expect(keys.down(press("2"))).toEqual({ do: "slot", number: 12 });
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
  expect(keys.down(press("ArrowRight", { repeat: true }))).toEqual({ do: "move", across: 1, down: 0 });
});

test("letters work with the shift key stuck, and other keys do nothing", () => {
  const keys = new Keys();
  expect(keys.down(press("Z"))).toEqual({ do: "undo" });
  expect(keys.down(press("Backspace"))).toEqual({ do: "recall" });
  expect(keys.down(press("?"))).toEqual({ do: "help" });
  expect(keys.down(press("q"))).toBeNull();
});
