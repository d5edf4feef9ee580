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
  await vi.waitFor(() => expect(sounds.blocked.value).toBe(true), 3_000);
  sounds.play("new");
  expect(tones).toBe(0);
  allowed = true;
  dispatchEvent(new Event("pointerdown"));
  await vi.waitFor(() => expect(sounds.blocked.value).toBe(false));
  sounds.play("new");
  expect(tones).toBe(2);
  stop();
});

test("a sound that only takes its time to begin is not called blocked", async () => {
  vi.useFakeTimers();
  const { sounds, stop } = kitchen();
  const said: boolean[] = [];
  const watched = sounds.blocked.subscribe((blocked) => void said.push(blocked));
  await vi.advanceTimersByTimeAsync(800);
  allowed = true;
  await sounds.unlock();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toEqual([false]);
  watched();
  stop();
  vi.useRealTimers();
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
