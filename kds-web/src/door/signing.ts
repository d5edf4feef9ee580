// Signing in at a page of the staff: what became of the last try, and who is signed in after a reload. Knows
// no view. Made by the pages.

import { signal } from "@preact/signals";
import { ApiProblem } from "../wire/http";
import type { Staff } from "../wire/staff";

const RESUME_AGAIN_MS = 2_000;

export type Refusal = "wrongLogin" | "noAccess" | "tooManyTries" | "noAnswer" | "loginEnded";

export class Signing {
  readonly busy = signal(false);
  readonly refusal = signal<Refusal | null>(null);
  readonly #staff: Staff;

  constructor(staff: Staff) {
    this.#staff = staff;
  }

  async signIn(email: string, password: string): Promise<void> {
    this.busy.value = true;
    this.refusal.value = null;
    try {
      await this.#staff.signIn(email, password);
    } catch (error) {
      this.refusal.value = refusalOf(error);
    }
    this.busy.value = false;
  }

  /** The server ended this login. */
  ended(): void {
    this.refusal.value = "loginEnded";
    this.#staff.forget();
  }
}

/** Asks who is signed in until there is an answer. Returns the stop. */
export function resumeUntilKnown(staff: Staff): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    staff.resume().catch(() => {
      timer = setTimeout(ask, RESUME_AGAIN_MS);
    });
  };
  ask();
  return () => clearTimeout(timer);
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ApiProblem) || error.problem.status >= 500) {
    return "noAnswer";
  }
  switch (error.problem.status) {
    case 429:
      return "tooManyTries";
    case 403:
    case 404:
      return "noAccess";
    default:
      return "wrongLogin";
  }
}
