// What is expected of orders, told apart from their state (`orders.expected`): the newest thought holds. Pure;
// every page that holds orders folds it by this.

import type { Expected, ExpectedOrder, OrderId } from "./types";

/** The orders with what is expected of them now; the same map when nothing is news. */
export function withExpected<O extends { expected?: Expected }>(
  orders: ReadonlyMap<OrderId, O>,
  told: readonly ExpectedOrder[],
): ReadonlyMap<OrderId, O> {
  let next: Map<OrderId, O> | null = null;
  for (const { order: id, seating: _, ...expected } of told) {
    const order = orders.get(id);
    // A newer state may have come with an answer: nothing is expected any more of what the kitchen is done with.
    if (!order?.expected || Date.parse(order.expected.at) > Date.parse(expected.at)) continue;
    next ??= new Map(orders);
    next.set(id, { ...order, expected });
  }
  return next ?? orders;
}
