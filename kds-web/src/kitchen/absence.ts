// What a screen says and sounds when it is cut off, and what its return brought. Counts are handed in; knows
// no socket. Made by kitchen.ts.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Trust } from "./trust";

const KNOCK_AGAIN_MS = 60_000;
const BACK_SHOWN_MS = 5_000;
/** News of the time away comes right after the connection; then it is counted. */
const BACK_COUNT_MS = 1_000;

/** What a return from being disconnected brought. */
export interface Back {
  readonly taps: number;
  readonly tickets: number;
}

/** What is counted when it comes back. */
export interface Counted {
  /** Taps that wait. */
  unsent(): number;
  /** Tickets that this screen ever had; `null` before the first. */
  tickets(): number | null;
}

export class Absence {
  readonly #counted: Counted;
  readonly #knock: () => void;
  readonly #back = signal<Back | null>(null);
  /** What is shown was out of date for a while. */
  #away = false;

  constructor(counted: Counted, knock: () => void) {
    this.#counted = counted;
    this.#knock = knock;
  }

  /** Shown for a few seconds. */
  get back(): ReadonlySignal<Back | null> {
    return this.#back;
  }

  /** What is shown is of an earlier time. */
  begin(): void {
    this.#away = true;
  }

  /** Knocks when the screen is cut off, and again each minute. Returns the stop. */
  watch(trust: Trust): (() => void) | undefined {
    this.#away ||= trust === "offline" || trust === "stale";
    if (trust === "offline") {
      this.#knock();
      const timer = setInterval(this.#knock, KNOCK_AGAIN_MS);
      return () => clearInterval(timer);
    }
    return undefined;
  }

  /** "Connected. 3 taps sent, 2 new tickets." */
  end(): void {
    const tickets = this.#counted.tickets();
    if (tickets === null || !this.#away) {
      return;
    }
    this.#away = false;
    const taps = this.#counted.unsent();
    setTimeout(() => {
      this.#back.value = {
        taps: Math.max(0, taps - this.#counted.unsent()),
        tickets: Math.max(0, (this.#counted.tickets() ?? 0) - tickets),
      };
      setTimeout(() => {
        this.#back.value = null;
      }, BACK_SHOWN_MS);
    }, BACK_COUNT_MS);
  }
}
