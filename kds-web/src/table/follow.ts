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

/** When it is on the table: a range, not a promise; or that it takes longer; or nothing to say yet. */
export type Due = { is: "range"; from: number; to: number } | { is: "longer" } | { is: "unknown" };

const ROUND_MS = 5 * 60_000;

export function dueOf(order: Pick<GuestOrder, "state" | "held" | "due_at">, now: number): Due {
  if (order.held || !["confirmed", "preparing", "ready"].includes(order.state)) return { is: "unknown" };
  const from = Math.ceil(Date.parse(order.due_at) / ROUND_MS) * ROUND_MS;
  const to = from + ROUND_MS;
  return now > to ? { is: "longer" } : { is: "range", from, to };
}
