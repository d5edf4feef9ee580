// A silent screen must not look like a quiet evening.

import { afterEach, expect, test, vi } from "vitest";
import { MUTE_MS, Sounds } from "./sounds";

let tones = 0;
let allowed = false;

class FakeContext {
  state = "suspended";
  currentTime = 0;
  destination = {};
  onstatechange: (() => void) | null = null;
  async resume() {
    this.state = allowed ? "running" : "suspended";
    this.onstatechange?.();
  }
  async close() {}
}

const param = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
class FakeNode {
  gain = param;
  connect(next: unknown) {
    return next;
  }
  start() {
    tones += 1;
  }
  stop() {}
}

function kitchen() {
  [tones, allowed] = [0, false];
  vi.stubGlobal("AudioContext", FakeContext);
  for (const name of ["OscillatorNode", "BiquadFilterNode", "GainNode"]) {
    vi.stubGlobal(name, FakeNode);
  }
  const sounds = new Sounds();
  return { sounds, stop: sounds.start() };
}

afterEach(() => void vi.unstubAllGlobals());

test("blocked sound is said, and the first touch anywhere lets it out", async () => {
  const { sounds, stop } = kitchen();
  expect(sounds.blocked.value).toBe(true);
  sounds.play("new");
  expect(tones).toBe(0);
  allowed = true;
  dispatchEvent(new Event("pointerdown"));
  await vi.waitFor(() => expect(sounds.blocked.value).toBe(false));
  sounds.play("new");
  expect(tones).toBe(2);
  stop();
});

test("mute ends by itself after five minutes, or by the same key", async () => {
  const { sounds, stop } = kitchen();
  allowed = true;
  await sounds.unlock();
  sounds.toggleMute(Date.now());
  sounds.play("new");
  expect(tones).toBe(0);
  vi.useFakeTimers({ now: Date.now() + MUTE_MS + 1, toFake: ["Date"] });
  sounds.play("cut");
  expect(tones).toBe(2);
  vi.useRealTimers();
  stop();
});
