// W7: what a screen tells the server that it has drawn.

import { expect, test, vi } from "vitest";
import { Receipts, type Screen } from "./receipts";

function screen() {
  const due: { at: number; run: () => void }[] = [];
  const frames: (() => void)[] = [];
  const state = { now: 0, visible: true, seq: 10, online: true };
  const send = vi.fn((_: number) => state.online);
  const browser: Screen = {
    visible: () => state.visible,
    painted: (then) => void frames.push(then),
    after: (wait_ms, run) => void due.push({ at: state.now + wait_ms, run }),
    now: () => state.now,
  };
  const passes = (ms: number) => {
    state.now += ms;
    for (const entry of due.splice(0)) {
      entry.at <= state.now ? entry.run() : due.push(entry);
    }
  };
  const paint = () => frames.splice(0).forEach((then) => void then());
  return { state, send, passes, paint, receipts: new Receipts(() => state.seq, send, browser) };
}

test("W7 nothing is told before it was painted", () => {
  const { receipts, send, passes, paint } = screen();
  receipts.drew();
  passes(0);
  expect(send).not.toHaveBeenCalled();
  paint();
  expect(send).toHaveBeenCalledExactlyOnceWith(10);
});

test("W7 at most once each half second, and then with the newest number", () => {
  const { receipts, send, passes, paint, state } = screen();
  receipts.drew();
  passes(0);
  paint();
  state.seq = 11;
  receipts.drew();
  state.seq = 12;
  receipts.drew();
  passes(499);
  paint();
  expect(send).toHaveBeenCalledTimes(1);
  passes(1);
  paint();
  expect(send).toHaveBeenLastCalledWith(12);
  expect(send).toHaveBeenCalledTimes(2);
});

test("W7 a hidden page tells nothing, until it is seen again", () => {
  const { receipts, send, passes, paint, state } = screen();
  receipts.drew();
  passes(0);
  state.visible = false;
  paint();
  expect(send).not.toHaveBeenCalled();
  receipts.drew();
  passes(1000);
  state.visible = true;
  receipts.poke();
  passes(0);
  paint();
  expect(send).toHaveBeenCalledTimes(1);
});

test("W7 news that came while a receipt was under way is told next", () => {
  const { receipts, send, passes, paint, state } = screen();
  receipts.drew();
  passes(0);
  state.seq = 15;
  receipts.drew();
  paint();
  expect(send).toHaveBeenLastCalledWith(10);
  passes(500);
  paint();
  expect(send).toHaveBeenLastCalledWith(15);
});

test("W7 what could not be sent is told after the next connection", () => {
  const { receipts, send, passes, paint, state } = screen();
  state.online = false;
  receipts.drew();
  passes(0);
  paint();
  state.online = true;
  receipts.poke();
  passes(0);
  paint();
  expect(send).toHaveBeenCalledTimes(2);
});

test("W7 without new tickets there is nothing to tell", () => {
  const { receipts, send, passes, paint } = screen();
  receipts.poke();
  passes(1000);
  paint();
  expect(send).not.toHaveBeenCalled();
});
