// A screen that shows one kind of orders only: which, how many there are of each, and what comes next on its key.
// Pure. Called by kitchen.ts and touch.ts, read by the filter.

import type { OrderKind } from "../wire/types";
import type { Ticket } from "./ticket";

export const KINDS: readonly OrderKind[] = ["dine_in", "takeaway", "delivery"];

/** `null`: all of them. */
export type Only = OrderKind | null;
export type KindCounts = Readonly<Record<OrderKind, number>>;

export function onlyFrom(kept: string | null): Only {
  return KINDS.find((kind) => kind === kept) ?? null;
}

export function kindCounts(tickets: readonly Ticket[]): KindCounts {
  const counts = { dine_in: 0, takeaway: 0, delivery: 0 };
  for (const { order, cancelled } of tickets) {
    counts[order.kind] += cancelled ? 0 : 1;
  }
  return counts;
}

export function ofKind(tickets: readonly Ticket[], only: Only): readonly Ticket[] {
  return only === null ? tickets : tickets.filter(({ order }) => order.kind === only);
}

/** All, then each kind that there is, then all again. */
export function nextOnly(only: Only, counts: KindCounts): Only {
  const after = only === null ? KINDS : KINDS.slice(KINDS.indexOf(only) + 1);
  return after.find((kind) => counts[kind] > 0) ?? null;
}
