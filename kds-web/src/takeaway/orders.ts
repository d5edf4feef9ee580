// The orders of one phone, as it follows them: folded from answers, snapshots and events. A state is taken only if
// its version is higher than the one held (L5). Pure; the errand calls it.

import { withExpected } from "../wire/expected";
import type {
  EventMessage,
  GuestOrder,
  GuestOrderAnswer,
  OrderId,
  OrderSnapshot,
  Timestamp,
} from "../wire/types";

export interface Orders {
  readonly all: ReadonlyMap<OrderId, GuestOrder>;
  /** When screens had shown the order at every station. */
  readonly seen: ReadonlyMap<OrderId, Timestamp>;
}

export const NONE: Orders = { all: new Map(), seen: new Map() };
/** Orders that one connection follows (W2.2). */
const FOLLOWED = 8;
/** Orders that are kept on the phone. */
const KEPT = 20;

export function withOrder(orders: Orders, order: GuestOrder): Orders {
  const held = orders.all.get(order.id);
  if (held !== undefined && held.version >= order.version) return orders;
  return { ...orders, all: new Map(orders.all).set(order.id, order) };
}

function withSeen(orders: Orders, order: OrderId, at: Timestamp): Orders {
  return orders.seen.has(order) ? orders : { ...orders, seen: new Map(orders.seen).set(order, at) };
}

export function withAnswer(orders: Orders, { seq: _, seen_at, ...order }: GuestOrderAnswer): Orders {
  const next = withOrder(orders, order);
  return seen_at === null ? next : withSeen(next, order.id, seen_at);
}

export function withSnapshot(orders: Orders, snapshot: Pick<OrderSnapshot, "orders" | "seen">): Orders {
  const held = snapshot.orders.reduce(withOrder, orders);
  return snapshot.seen.reduce((next, { order, at }) => withSeen(next, order, at), held);
}

export function folded(orders: Orders, event: Pick<EventMessage, "order" | "seen" | "expected">): Orders {
  let next = event.order === undefined ? orders : withOrder(orders, event.order as GuestOrder);
  for (const { order, at } of event.seen ?? []) next = withSeen(next, order, at);
  const all = withExpected(next.all, event.expected ?? []);
  return all === next.all ? next : { ...next, all };
}

/** Newest first. */
export function listed(orders: Orders): GuestOrder[] {
  return [...orders.all.values()].sort((a, b) => b.placed_at.localeCompare(a.placed_at));
}

export function isOpen(order: GuestOrder): boolean {
  return order.state !== "completed" && order.state !== "cancelled";
}

/** Those worth a connection, the newest ones. */
export function followed(orders: Orders): OrderId[] {
  return listed(orders)
    .filter(isOpen)
    .slice(0, FOLLOWED)
    .map(({ id }) => id);
}

/** As it is kept on the phone. */
export interface KeptOrders {
  readonly orders: readonly GuestOrder[];
  readonly seen: readonly (readonly [OrderId, Timestamp])[];
}

export function toKeep(orders: Orders): KeptOrders {
  const kept = listed(orders).slice(0, KEPT);
  return { orders: kept, seen: [...orders.seen].filter(([id]) => kept.some((order) => order.id === id)) };
}

export function fromKept({ orders, seen }: KeptOrders): Orders {
  return { all: new Map(orders.map((order) => [order.id, order])), seen: new Map(seen) };
}
