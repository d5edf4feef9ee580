// The one clock of the page: server time, as near as the last frames tell, and a signal that ticks once
// a second for everything that shows an age. Knows nothing of sockets or views; the hub tells it what
// the server's clock said, views read it.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Timestamp } from "./wire/types";

/** A wall clock that moved by more than this between two ticks was set, or the machine slept. */
const JUMP_MS = 3_000;
const TICK_MS = 1_000;

let offset_ms = 0;
let heard_once = false;
const tick = signal(Date.now());

/** Server time in milliseconds, renewed once a second. Reading it in a view renews the view. */
export const clock: ReadonlySignal<number> = tick;

/** Server time in milliseconds now. */
export function serverNow(): number {
  return Date.now() + offset_ms;
}

/**
 * The server said what time it is. News is late by its journey and never early, so the estimate that
 * is furthest ahead is the best one; one that is far behind means that a clock was set.
 */
export function heard(at: Timestamp): void {
  const estimate_ms = Date.parse(at) - Date.now();
  if (!heard_once || estimate_ms > offset_ms || estimate_ms < offset_ms - JUMP_MS) {
    offset_ms = estimate_ms;
    heard_once = true;
    tick.value = serverNow();
  }
}

/** Starts the clock. `slept` is called when the machine was away between two ticks. Returns the stop. */
export function startClock(slept: () => void = () => {}): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (Math.abs(now - last - TICK_MS) > JUMP_MS) {
      slept();
    }
    last = now;
    tick.value = serverNow();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** `m:ss`, or `h:mm:ss` from an hour on. Never negative. */
export function stopwatch(span_ms: number): string {
  const seconds = Math.max(0, Math.floor(span_ms / 1_000));
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** The time of day where the restaurant is: `20:07`, or `20:07:46`. */
export function timeOfDay(at_ms: number, timezone?: string, seconds = false): string {
  return formatter(timezone, seconds).format(at_ms);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timezone: string | undefined, seconds: boolean): Intl.DateTimeFormat {
  const key = `${timezone ?? ""}/${seconds}`;
  const known = formatters.get(key);
  if (known) {
    return known;
  }
  const made = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    ...(timezone ? { timeZone: timezone } : {}),
  });
  formatters.set(key, made);
  return made;
}
