// Who waits for what at the counter: orders that leave without a table, cooking or ready. Pure. Called by the
// pickup board.

import type { Order } from "../wire/types";

/** What nobody fetched leaves the board after this. */
export const KEPT_MS = 20 * 60_000;
/** A number is said to be ready "just now" for this long. */
export const LATEST_MS = 60_000;

export interface Waiting {
  readonly order: Order;
  /** When it became ready, or is promised. */
  readonly at_ms: number;
}

export interface Pickup {
  /** By when they are promised. */
  readonly cooking: readonly Waiting[];
  /** The latest first. */
  readonly ready: readonly Waiting[];
}

export function pickupOf(orders: Iterable<Order>, now_ms: number): Pickup {
  const cooking: Waiting[] = [];
  const ready: Waiting[] = [];
  for (const order of orders) {
    if (order.table !== null || order.kind === "delivery" || order.held) {
      continue;
    }
    const ready_ms = Date.parse(order.ready_at ?? "");
    if (order.state === "ready" && now_ms - ready_ms < KEPT_MS) {
      ready.push({ order, at_ms: ready_ms });
    } else if (order.state === "confirmed" || order.state === "preparing") {
      cooking.push({ order, at_ms: Date.parse(order.due_at) });
    }
  }
  cooking.sort((a, b) => a.at_ms - b.at_ms || a.order.number - b.order.number);
  ready.sort((a, b) => b.at_ms - a.at_ms || b.order.number - a.order.number);
  return { cooking, ready };
}
