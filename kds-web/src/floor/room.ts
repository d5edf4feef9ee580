// What a waiter's page holds, folded from snapshots and events: pure. A state is taken only if its version is
// higher than the one held (L5). Knows no socket and no view. Called by floor.ts.

import { withExpected } from "../wire/expected";
import type {
  Call,
  EventMessage,
  FloorSnapshot,
  Messages,
  Order,
  OrderId,
  OrderView,
  Restaurant,
  Seating,
  SeatingId,
  Station,
  Table,
  TableId,
  Timestamp,
  Unseen,
} from "../wire/types";

/** Ended orders that are kept, so that a long evening does not fill a phone. */
const ENDED_KEPT = 200;

export interface Room {
  readonly restaurant: Restaurant;
  readonly stations: readonly Station[];
  readonly tables: ReadonlyMap<TableId, Table>;
  /** Open ones. */
  readonly seatings: ReadonlyMap<SeatingId, Seating>;
  readonly orders: ReadonlyMap<OrderId, Order>;
  readonly seen: ReadonlyMap<OrderId, Timestamp>;
  readonly alarms: ReadonlyMap<OrderId, Unseen>;
}

/** A snapshot replaces all but the alarms that still stand. */
export function roomOf(snapshot: FloorSnapshot, before: Room | null): Room {
  const orders = new Map(snapshot.orders.map((order) => [order.id, order]));
  const seen = new Map(snapshot.seen.map(({ order, at }) => [order, at]));
  const alarms = [...(before?.alarms ?? [])].filter(([id]) => {
    const order = orders.get(id);
    return order !== undefined && alarming(order) && !seen.has(id);
  });
  return {
    restaurant: snapshot.restaurant,
    stations: snapshot.stations,
    tables: new Map(snapshot.tables.map((table) => [table.id, table])),
    seatings: new Map(snapshot.seatings.map((seating) => [seating.id, seating])),
    orders,
    seen,
    alarms: new Map(alarms),
  };
}

export function afterEvent(room: Room, event: EventMessage): Room {
  if (event.order) return withOrder(room, event.order);
  if (event.seating) return withSeating(room, event.seating);
  if (event.table) return withTable(room, event.table);
  if (event.unseen) {
    return { ...room, alarms: new Map(room.alarms).set(event.unseen.order, event.unseen) };
  }
  if (event.seen) {
    const seen = new Map(room.seen);
    const alarms = new Map(room.alarms);
    for (const { order, at } of event.seen) {
      if (!seen.has(order)) seen.set(order, at);
      alarms.delete(order);
    }
    return { ...room, seen, alarms };
  }
  if (event.takeaway) return withPause(room, event.takeaway.paused_until);
  if (event.messages) return withMessages(room, event.messages.messages);
  if (event.expected) return { ...room, orders: withExpected(room.orders, event.expected) };
  return room;
}

function withPause(room: Room, paused_until: Timestamp | null): Room {
  const { paused_until: _, ...rules } = room.restaurant.settings.takeaway;
  const takeaway = paused_until === null ? rules : { ...rules, paused_until };
  const settings = { ...room.restaurant.settings, takeaway };
  return { ...room, restaurant: { ...room.restaurant, settings } };
}

/** Until when takeaway is closed by hand; `null` while it is open, `undefined` where there is none. */
export function pausedUntil(room: Room, now: number): Timestamp | null | undefined {
  const { on, paused_until } = room.restaurant.settings.takeaway;
  if (!on) return undefined;
  return paused_until !== undefined && Date.parse(paused_until) > now ? paused_until : null;
}

/** Also a refusal brings an order as it is. */
export function withOrder(room: Room, view: OrderView): Room {
  const held = room.orders.get(view.id);
  if (!isWhole(view) || (held && held.version >= view.version)) return room;
  const alarms = new Map(room.alarms);
  if (!alarming(view)) alarms.delete(view.id);
  return { ...room, orders: trimmed(new Map(room.orders).set(view.id, view)), alarms };
}

function withSeating(room: Room, seating: Seating): Room {
  const held = room.seatings.get(seating.id);
  if (held && held.version >= seating.version) return room;
  const seatings = new Map(room.seatings);
  if (seating.closed_at === null) seatings.set(seating.id, seating);
  else seatings.delete(seating.id);
  return { ...room, seatings };
}

export function withMessages(room: Room, messages: Messages): Room {
  const { restaurant } = room;
  return { ...room, restaurant: { ...restaurant, settings: { ...restaurant.settings, messages } } };
}

function withTable(room: Room, table: Table): Room {
  const held = room.tables.get(table.id);
  if (held && held.version >= table.version) return room;
  return { ...room, tables: new Map(room.tables).set(table.id, table) };
}

/** Staff get whole orders; the wire has one type for both audiences. */
function isWhole(view: OrderView): view is Order {
  return "placed_by" in view;
}

/** An order raises alarms until it is ready. */
function alarming(order: Order): boolean {
  return isOpen(order) && order.state !== "ready";
}

export function isOpen(order: Order): boolean {
  return order.state !== "completed" && order.state !== "cancelled";
}

function trimmed(orders: Map<OrderId, Order>): Map<OrderId, Order> {
  const ended = [...orders.values()].filter((order) => !isOpen(order));
  if (ended.length > ENDED_KEPT) {
    const when = (order: Order) => order.completed_at ?? order.cancelled_at ?? "";
    ended.sort((a, b) => when(a).localeCompare(when(b)));
    for (const order of ended.slice(0, ended.length - ENDED_KEPT)) orders.delete(order.id);
  }
  return orders;
}

// ---- questions -----------------------------------------------------------------------------------

export function tablesOf(room: Room): Table[] {
  return [...room.tables.values()].sort((a, b) => a.position - b.position || a.label.localeCompare(b.label));
}

export function seatingAt(room: Room, table: TableId): Seating | undefined {
  return [...room.seatings.values()].find((seating) => seating.table.id === table);
}

/** The party's orders, or what was ordered for a table without a party; oldest first. */
export function ordersAt(room: Room, table: TableId, seating: Seating | undefined): Order[] {
  const here = (order: Order) =>
    seating !== undefined && order.seating === seating.id
      ? true
      : order.seating === null && order.table?.id === table && isOpen(order);
  return [...room.orders.values()]
    .filter(here)
    .sort((a, b) => a.placed_at.localeCompare(b.placed_at) || a.number - b.number);
}

export function billOf(orders: readonly Order[]): number {
  return orders.reduce((sum, order) => (order.state === "cancelled" ? sum : sum + order.totals.total), 0);
}

export function openCalls(seating: Seating | undefined): Call[] {
  const calls = (seating?.calls ?? []).filter((call) => call.done_at === null);
  return calls.sort((a, b) => a.called_at.localeCompare(b.called_at));
}
