// Coming to a table: turns the scanned code into a place (token, guest, seating), by the one kept on
// the phone or by asking the server, again and again while it cannot answer. Scanning changes nothing
// but who sits there. Called by the visit.

import { signal } from "@preact/signals";
import { ApiProblem } from "../wire/http";
import { newId } from "../wire/ids";
import { backoff_ms } from "../wire/link";
import type { Problem, Scanned } from "../wire/types";
import { askForSeat, earlyScan } from "./early";

export type Arrival =
  | { readonly is: "opening" }
  /** Not there yet; tried again at `until` (this phone's clock). */
  | { readonly is: "waiting"; readonly for: "connection" | "server" | "limit"; readonly until: number }
  /** Trying again will not help. */
  | { readonly is: "refused"; readonly problem: Problem }
  | { readonly is: "here" };

const WAIT_LEAST_MS = 1_000;
/** A token that is about to end is not worth beginning with. */
const ENOUGH_LIFE_MS = 60_000;

/** Good without asking: it was given for this code and has not run out. */
export function usable(scanned: Scanned, now: number): boolean {
  return Date.parse(scanned.expires_at) - now > ENOUGH_LIFE_MS;
}

export class Door {
  readonly arrival = signal<Arrival>({ is: "opening" });
  readonly #code: string;
  #going: Promise<Scanned | null> | null = null;
  #skip: () => void = () => {};
  #closed = false;

  constructor(code: string) {
    this.#code = code;
  }

  /** A place for this code, the same guest if `before` is still good; `null` when refused. */
  scan(before: string | null): Promise<Scanned | null> {
    this.#going ??= this.#scan(before).finally(() => {
      this.#going = null;
    });
    return this.#going;
  }

  /** Do not wait for the next try. */
  readonly hurry = (): void => this.#skip();

  close(): void {
    this.#closed = true;
    this.#skip();
  }

  async #scan(before: string | null): Promise<Scanned | null> {
    // One scan, however often it is sent: a lost answer must not seat a second guest.
    const early = before === null ? earlyScan(this.#code) : null;
    const scan = early?.scan ?? newId();
    for (let tries = 0; !this.#closed; tries += 1) {
      try {
        const under_way = tries === 0 ? early?.scanned : undefined;
        const scanned = await (under_way ?? askForSeat(this.#code, before, scan));
        this.arrival.value = { is: "here" };
        return scanned;
      } catch (error) {
        const waiting = waits(error, tries);
        if (waiting === null) {
          this.arrival.value = { is: "refused", problem: (error as ApiProblem).problem };
          return null;
        }
        this.arrival.value = waiting;
        await this.#until(waiting.until);
      }
    }
    return null;
  }

  #until(at: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, at - Date.now());
      this.#skip = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function waits(error: unknown, tries: number): (Arrival & { is: "waiting" }) | null {
  const wait_ms = WAIT_LEAST_MS + backoff_ms(tries, Math.random());
  if (!(error instanceof ApiProblem))
    return { is: "waiting", for: "connection", until: Date.now() + wait_ms };
  const { status } = error.problem;
  if (status !== 429 && status < 500) return null;
  const asked_ms = (error.retry_after_s ?? 0) * 1000;
  return {
    is: "waiting",
    for: status === 429 ? "limit" : "server",
    until: Date.now() + Math.max(wait_ms, asked_ms),
  };
}
