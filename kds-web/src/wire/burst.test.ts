import { expect, test } from "vitest";
import { Burst } from "./burst";

function begun() {
  const taken: number[][] = [];
  const frames: (() => void)[] = [];
  const burst = new Burst<number>(
    (all) => taken.push([...all]),
    (run) => frames.push(run),
  );
  return { burst, taken, frame: () => frames.shift()?.(), due: () => frames.length };
}

test("one message is handed on at once, and the next after a pause, too", () => {
  const { burst, taken, frame, due } = begun();
  burst.push(1);
  expect(taken).toEqual([[1]]);
  frame();
  expect(due()).toBe(0);
  burst.push(2);
  expect(taken).toEqual([[1], [2]]);
});

test("what comes before a frame is handed on with it, in its order, frame after frame", () => {
  const { burst, taken, frame } = begun();
  for (const one of [1, 2, 3]) {
    burst.push(one);
  }
  expect(taken).toEqual([[1]]);
  frame();
  burst.push(4);
  expect(taken).toEqual([[1], [2, 3]]);
  frame();
  expect(taken).toEqual([[1], [2, 3], [4]]);
});

test("what waits goes before something that must come after it, once", () => {
  const { burst, taken, frame } = begun();
  burst.push(1);
  burst.push(2);
  burst.flush();
  burst.flush();
  frame();
  expect(taken).toEqual([[1], [2]]);
});
