// What the guests of one seating share: the seating, its orders, and which of them the kitchen has seen.
// A pure fold: a snapshot begins it, events change it, and a state is taken only if its version is higher
// than the one held (L5), so that applying twice changes nothing. Knows no socket; the visit calls it.

import { withExpected } from "../wire/expected";
import type {
  EventMessage,
  Guest,
  GuestId,
  GuestOrder,
  GuestOrderAnswer,
  OrderId,
  OrderView,
  Seating,
  TableSnapshot,
  Timestamp,
} from "../wire/types";

export interface Tab {
  /** The server told the whole of it once; before, an order that is not here may well exist. */
  heard: boolean;
  seating: Seating;
  orders: ReadonlyMap<OrderId, GuestOrder>;
  /** When screens had shown the order at every station. */
  seen: ReadonlyMap<OrderId, Timestamp>;
}

export function tabOf(snapshot: TableSnapshot): Tab {
  return {
    heard: true,
    seating: snapshot.seating,
    orders: new Map(snapshot.orders.map((order) => [order.id, order])),
    seen: new Map(snapshot.seen.map((seen) => [seen.order, seen.at])),
  };
}

/** What is known of a seating before the first snapshot. */
export function freshTab(seating: Seating): Tab {
  return { heard: false, seating, orders: new Map(), seen: new Map() };
}

/** The tab after an event; the same object when the event says nothing new about it. */
export function fold(tab: Tab, event: Pick<EventMessage, "order" | "seen" | "expected" | "seating">): Tab {
  let next = tab;
  if (event.seating !== undefined) next = withSeating(next, event.seating);
  if (event.order !== undefined) next = withOrder(next, guestView(event.order));
  for (const seen of event.seen ?? []) next = withSeen(next, seen.order, seen.at);
  const orders = withExpected(next.orders, event.expected ?? []);
  if (orders !== next.orders) next = { ...next, orders };
  return next;
}

/** The answer to an order that this phone sent is news like any other. */
export function withAnswer(tab: Tab, answer: GuestOrderAnswer): Tab {
  const { seq: _, seen_at, ...order } = answer;
  const next = withOrder(tab, order);
  return seen_at === null ? next : withSeen(next, order.id, seen_at);
}

export function withOrder(tab: Tab, order: GuestOrder): Tab {
  const held = tab.orders.get(order.id);
  if (held !== undefined && held.version >= order.version) return tab;
  return { ...tab, orders: new Map(tab.orders).set(order.id, order) };
}

function withSeating(tab: Tab, seating: Seating): Tab {
  if (seating.id !== tab.seating.id || seating.version <= tab.seating.version) return tab;
  return { ...tab, seating };
}

function withSeen(tab: Tab, order: OrderId, at: Timestamp): Tab {
  return tab.seen.has(order) ? tab : { ...tab, seen: new Map(tab.seen).set(order, at) };
}

/** Guests are only ever sent the guest's view (protocol/view.rs); its lines carry their state. */
function guestView(order: OrderView): GuestOrder {
  return order as GuestOrder;
}

/** The table's orders, oldest first. */
export function ordersOf(tab: Tab): GuestOrder[] {
  return [...tab.orders.values()].sort(
    (a, b) => a.placed_at.localeCompare(b.placed_at) || a.number - b.number,
  );
}

/** Not yet on the table. */
export function open(order: GuestOrder): boolean {
  return order.state !== "completed" && order.state !== "cancelled";
}

/** What the table has to pay. */
export function billOf(tab: Tab): number {
  return ordersOf(tab).reduce(
    (sum, order) => (order.state === "cancelled" ? sum : sum + order.totals.total),
    0,
  );
}

export function guestOf(tab: Tab, id: GuestId | null): Guest | undefined {
  return tab.seating.guests.find((guest) => guest.id === id);
}

/** May this phone's order go to the kitchen now? Repeats `Seating::lets` of the server. */
export function lets(seating: Seating, guest: GuestId): boolean {
  if (seating.gate === "none" || seating.released) return true;
  return seating.gate !== "seating" && seating.guests.some((phone) => phone.id === guest && phone.released);
}
