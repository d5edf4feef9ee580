// A party's calls as this phone shows them: what waits, who comes, when one can call again. Pure; the server
// decides, by the same rule (src/domain/seating.rs).

import type { Call, CallReason, Seating } from "../wire/types";

export const REASONS: readonly CallReason[] = ["waiter", "bill", "water", "cutlery"];

export type Calling =
  | { readonly is: "free" }
  /** On its way to the server. */
  | { readonly is: "sending" }
  | { readonly is: "called"; readonly at: number }
  | { readonly is: "coming"; readonly at: number }
  /** It was seen to a moment ago. */
  | { readonly is: "resting"; readonly until: number };

export interface Clocked {
  /** Server time. */
  readonly now: number;
  readonly pause_ms: number;
}

export function callingOf(
  seating: Seating,
  reason: CallReason,
  sending: boolean,
  { now, pause_ms }: Clocked,
): Calling {
  const last = (seating.calls ?? []).find((call) => call.reason === reason);
  if (last && last.done_at === null) return waiting(last);
  const until = last ? Date.parse(last.called_at) + pause_ms : 0;
  if (until > now) return { is: "resting", until };
  return sending ? { is: "sending" } : { is: "free" };
}

function waiting(call: Call): Calling {
  return call.coming_at === null
    ? { is: "called", at: Date.parse(call.called_at) }
    : { is: "coming", at: Date.parse(call.coming_at) };
}

/** Something that this party asked for is not done yet. */
export function anyOpen(seating: Seating): boolean {
  return (seating.calls ?? []).some((call) => call.done_at === null);
}
