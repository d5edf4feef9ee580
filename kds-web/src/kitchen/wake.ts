// A wall screen must not fall asleep. Browsers allow it only over HTTPS, and take it back whenever the page
// was hidden: so it is asked for again. Called by kitchen.ts; the check before a shift says how it stands.

import { type ReadonlySignal, signal } from "@preact/signals";

export class Wake {
  readonly #held = signal(false);
  #lock: WakeLockSentinel | null = null;

  /** The screen stays on. */
  get held(): ReadonlySignal<boolean> {
    return this.#held;
  }

  /** Asks now and whenever the page is seen again. Returns the stop. */
  start(): () => void {
    const seen = () => void this.ask();
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      void this.#lock?.release();
    };
  }

  async ask(): Promise<void> {
    if (this.#held.value || document.visibilityState !== "visible" || !("wakeLock" in navigator)) {
      return;
    }
    try {
      this.#lock = await navigator.wakeLock.request("screen");
      this.#lock.onrelease = () => {
        this.#held.value = false;
      };
      this.#held.value = true;
    } catch {
      // Refused, for example by a battery that is low: the check says so.
      this.#held.value = false;
    }
  }
}
