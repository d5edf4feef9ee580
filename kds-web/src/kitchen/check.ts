// The check before a shift: does this device do what a wall screen must? Measures and says; decides nothing.
// Called by touch.ts, shown by check-list.tsx.

import { type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import { serverNow } from "../time";
import { call } from "../wire/http";
import type { Kitchen } from "./kitchen";

/** A server that needs longer than this makes a slow screen. */
const ANSWER_GOOD_MS = 500;
const CLOCK_GOOD_S = 2;

export interface Findings {
  readonly sound: boolean;
  readonly awake: boolean;
  /** How far this device's clock is from the server's, in seconds. */
  readonly clock_s: number;
  readonly clock: boolean;
  /** `null`: no answer. */
  readonly answer_ms: number | null;
  readonly answer: boolean;
  readonly offline: boolean;
  readonly kept: boolean;
  readonly secure: boolean;
  /** The server says at /trust how to get HTTPS. */
  readonly trust: boolean;
}

export class Check {
  readonly #kitchen: Kitchen;
  readonly #findings = signal<Findings | null>(null);
  readonly #due = signal(recall("checked") !== today());

  constructor(kitchen: Kitchen) {
    this.#kitchen = kitchen;
  }

  get findings(): ReadonlySignal<Findings | null> {
    return this.#findings;
  }

  /** Nobody has checked this screen today. */
  get due(): ReadonlySignal<boolean> {
    return this.#due;
  }

  async run(): Promise<void> {
    const { sounds, wake, hub } = this.#kitchen;
    const clock_s = Math.round(Math.abs(Date.now() - serverNow()) / 1_000);
    const answer_ms = await answered();
    await wake.ask();
    this.#findings.value = {
      sound: sounds.audible,
      awake: wake.held.value,
      clock_s,
      clock: clock_s < CLOCK_GOOD_S,
      answer_ms,
      answer: answer_ms !== null && answer_ms < ANSWER_GOOD_MS,
      offline: "serviceWorker" in navigator && navigator.serviceWorker.controller !== null,
      kept: hub.outbox.durable,
      secure: isSecureContext,
      trust: !isSecureContext && (await hasTrust()),
    };
  }

  /** Somebody looked: the reminder goes until tomorrow. */
  done(): void {
    this.#due.value = false;
    remember("checked", today());
  }
}

async function answered(): Promise<number | null> {
  const begun = performance.now();
  try {
    await call("GET", "/healthz", { deadline_ms: 5_000 });
    return Math.round(performance.now() - begun);
  } catch {
    return null;
  }
}

async function hasTrust(): Promise<boolean> {
  try {
    await call("GET", "/api/trust");
    return true;
  } catch {
    return false;
  }
}

function today(): string {
  return new Date().toDateString();
}
