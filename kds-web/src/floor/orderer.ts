// Sends an order that staff take for a table: with one id for the press, again and again until there is an
// answer, so that it arrives once (L4). Knows no cart and no view. Called by floor.ts.

import { ApiProblem, call } from "../wire/http";
import type { CommandId, Draft, Order, Problem } from "../wire/types";

const AGAIN_MS = 2_000;
const DEADLINE_MS = 8_000;

export type Sent =
  | { readonly is: "placed"; readonly order: Order }
  | { readonly is: "refused"; readonly problem: Problem };

export interface Sending {
  readonly id: CommandId;
  readonly draft: Draft;
  token(): Promise<string>;
  /** There was no answer; it is tried again. */
  waiting(): void;
}

/** Resolves with the server's answer, however long that takes. Stops without one when `given_up` says so. */
export async function sendOrder(sending: Sending, given_up: () => boolean): Promise<Sent | null> {
  while (!given_up()) {
    try {
      const token = await sending.token();
      const answer = await call<Order>("POST", "/api/orders", {
        token,
        body: sending.draft,
        headers: { "idempotency-key": sending.id },
        deadline_ms: DEADLINE_MS,
      });
      if (answer.body) return { is: "placed", order: answer.body };
    } catch (error) {
      if (error instanceof ApiProblem && final(error.problem.status)) {
        return { is: "refused", problem: error.problem };
      }
    }
    sending.waiting();
    await new Promise((again) => setTimeout(again, AGAIN_MS));
  }
  return null;
}

/** Another try could end otherwise after these: not signed in any more, too many requests, a server's fault. */
function final(status: number): boolean {
  return status < 500 && status !== 401 && status !== 408 && status !== 429;
}
