// A screen without a person: asks for a code, shows it, and waits until a manager has typed it (H13). A code
// that ran out is replaced by a new one. Knows no view. Made by the page on the door.

import { type ReadonlySignal, signal } from "@preact/signals";
import { askPairing, collectPairing } from "../wire/http";
import type { LoggedIn } from "../wire/types";

/** No answer, or too many asked: again after this. */
const AGAIN_MS = 5_000;

export type PairingState =
  | { readonly is: "idle" }
  | { readonly is: "asking" }
  | { readonly is: "shown"; readonly code: string }
  | { readonly is: "no_answer" };

export class Pairing {
  readonly #slug: string;
  readonly #paired: (as: LoggedIn) => void;
  readonly #state = signal<PairingState>({ is: "idle" });
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Rises with each start and stop, so that an answer that comes late finds out that it is not wanted. */
  #round = 0;

  constructor(slug: string, paired: (as: LoggedIn) => void) {
    this.#slug = slug;
    this.#paired = paired;
  }

  get state(): ReadonlySignal<PairingState> {
    return this.#state;
  }

  start(): void {
    this.stop();
    this.#state.value = { is: "asking" };
    void this.#ask(this.#round);
  }

  stop(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
    this.#state.value = { is: "idle" };
  }

  async #ask(round: number): Promise<void> {
    try {
      const { code, claim, poll_ms } = await askPairing(this.#slug);
      if (round === this.#round) {
        this.#state.value = { is: "shown", code };
        this.#after(poll_ms, () => this.#collect(round, claim, poll_ms));
      }
    } catch {
      this.#later(round);
    }
  }

  async #collect(round: number, claim: string, poll_ms: number): Promise<void> {
    try {
      const as = await collectPairing(this.#slug, claim);
      if (round !== this.#round) {
        return;
      }
      if (as) {
        this.stop();
        this.#paired(as);
      } else {
        this.#after(poll_ms, () => this.#collect(round, claim, poll_ms));
      }
    } catch {
      this.#later(round);
    }
  }

  /** The code has ended, or nobody answers: a new one. */
  #later(round: number): void {
    if (round === this.#round) {
      this.#state.value = { is: "no_answer" };
      this.#after(AGAIN_MS, () => this.#ask(round));
    }
  }

  #after(wait_ms: number, run: () => Promise<void>): void {
    this.#timer = setTimeout(() => void run(), wait_ms);
  }
}
