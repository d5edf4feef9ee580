// Where an order stands, in the few steps a guest cares about: which step it is at, what each line's
// state is called, when it comes, whether it can still be cancelled. Pure; gives names of words, never
// words, so that every language reads the same rules.

import type { GuestId, GuestLine, GuestOrder, OrderState } from "../wire/types";

export type Step = "received" | "cooking" | "coming" | "served";
export const STEPS: readonly Step[] = ["received", "cooking", "coming", "served"];

/** The step that is going on; past the last one when all is done, none when it was cancelled. */
export function stepOf(state: OrderState): number | null {
  const at: Record<OrderState, number | null> = {
    pending: 0,
    confirmed: 0,
    preparing: 1,
    ready: 2,
    completed: STEPS.length,
    cancelled: null,
  };
  return at[state];
}

export type LineWord = "waiting" | "next" | "making" | "coming" | "served" | "void";

export function lineWord(
  order: Pick<GuestOrder, "state" | "held">,
  line: Pick<GuestLine, "state">,
): LineWord {
  if (line.state === "voided" || order.state === "cancelled") return "void";
  if (order.state === "completed") return "served";
  if (line.state === "done") return "coming";
  if (line.state === "started") return "making";
  return order.held || order.state === "pending" ? "waiting" : "next";
}

/** How long guests may take back an order that was confirmed by itself (src/domain/limits.rs). */
export const CANCEL_MS = 60_000;

/** Until when this phone may cancel the order: for ever (`Infinity`), a moment, or not (`null`). */
export function cancelUntil(order: GuestOrder, me: GuestId): number | null {
  if (order.guest !== me) return null;
  if (order.state === "pending") return Number.POSITIVE_INFINITY;
  if (order.state !== "confirmed" || order.confirmed_at === null) return null;
  if (order.lines.some((line) => line.state !== "queued")) return null;
  return Date.parse(order.confirmed_at) + CANCEL_MS;
}

/** When it is ready: a range, not a promise; or that it takes longer; or nothing to say yet. */
export type Due =
  | { is: "range"; from: number; to: number; minutes: readonly [number, number] | null }
  | { is: "longer" }
  | { is: "unknown" };

const MINUTE_MS = 60_000;
/** From here on minutes are told in steps of five … */
const ROUGH_MINUTES = 40;
/** … and from here on only the time of day. */
const MOST_MINUTES = 90;

/** By what the kitchen is thought to need now; the first promise where that is not told. */
export function dueOf(order: Pick<GuestOrder, "state" | "held" | "due_at" | "expected">, now: number): Due {
  if (order.held || !["confirmed", "preparing"].includes(order.state)) return { is: "unknown" };
  const { expected } = order;
  const to = Date.parse(expected?.to ?? order.due_at);
  const from = Math.max(now, Date.parse(expected?.from ?? order.due_at));
  if (now > to) return { is: "longer" };
  return { is: "range", from, to, minutes: minutesOf(from - now, to - now) };
}

function minutesOf(from_ms: number, to_ms: number): readonly [number, number] | null {
  const most = Math.ceil(to_ms / MINUTE_MS);
  if (most > MOST_MINUTES) return null;
  const step = most >= ROUGH_MINUTES ? 5 : 1;
  const from = Math.max(1, Math.floor(from_ms / MINUTE_MS / step) * step);
  const to = Math.ceil(most / step) * step;
  return [Math.min(from, Math.max(1, to - 1)), Math.max(2, to)];
}

/** Orders that are made before this one, while it waits and they are few; `null` when there is nothing to say. */
export function beforeOf(order: Pick<GuestOrder, "state" | "held" | "expected">): number | null {
  if (order.held || order.state !== "confirmed" || order.expected === undefined) return null;
  return order.expected.before < COUNTED ? order.expected.before : null;
}

/** The server counts up to here (src/domain/estimate.rs): this many or more. */
const COUNTED = 4;
