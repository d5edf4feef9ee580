// What the kitchen holds, folded from snapshots and events: pure. An order's state is taken only if its
// version is higher than the one held (L5), so applying twice, or only the newest, gives the same board.
// Knows no stations chosen, no slots, no taps. Called by kitchen.ts.

import { withExpected } from "../wire/expected";
import type {
  EventMessage,
  Item,
  ItemId,
  ItemState,
  KitchenSnapshot,
  Localized,
  Menu,
  Order,
  OrderId,
  OrderView,
  Restaurant,
  Station,
  StationId,
  TakeawayState,
  Timestamp,
  Unseen,
} from "../wire/types";

/** Ended orders that are kept for recall: more than a shift has. */
const ENDED_KEPT = 400;

/** An order that no screen has shown, as the last alarm said. */
export interface Alarm {
  readonly unseen: Unseen;
  readonly at: Timestamp;
}

/** What the menu says of an item, as far as a kitchen needs it. */
export interface Dish {
  readonly item: Pick<Item, "id" | "name" | "available" | "stock" | "version">;
  /** Its place in the menu. */
  readonly place: number;
  readonly category: Localized;
  readonly kitchen_name: string | null;
  readonly stations: readonly StationId[];
}

export interface Board {
  readonly restaurant: Restaurant;
  readonly stations: readonly Station[];
  readonly orders: ReadonlyMap<OrderId, Order>;
  readonly alarms: ReadonlyMap<OrderId, Alarm>;
  readonly dishes: ReadonlyMap<ItemId, Dish>;
}

/** A snapshot replaces all orders; alarms of orders that are gone go with them. */
export function fromSnapshot(snapshot: KitchenSnapshot, before: Board | null): Board {
  const orders = new Map(snapshot.orders.map((order) => [order.id, order]));
  const alarms = [...(before?.alarms ?? [])].filter(([id]) => orders.has(id));
  return {
    restaurant: snapshot.restaurant,
    stations: [...snapshot.stations].sort((a, b) => a.position - b.position),
    orders,
    alarms: new Map(alarms),
    dishes: before?.dishes ?? new Map(),
  };
}

/** Events whose subject a kitchen does not show change nothing. */
export function afterEvent(board: Board, event: EventMessage): Board {
  if (event.order) {
    return withOrder(board, event.order);
  }
  if (event.unseen) {
    const alarms = new Map(board.alarms).set(event.unseen.order, { unseen: event.unseen, at: event.at });
    return { ...board, alarms };
  }
  if (event.seen) {
    const alarms = new Map(board.alarms);
    for (const { order } of event.seen) {
      alarms.delete(order);
    }
    return { ...board, alarms };
  }
  if (event.expected) {
    const orders = withExpected(board.orders, event.expected);
    return orders === board.orders ? board : { ...board, orders };
  }
  if (event.takeaway) {
    return { ...board, restaurant: withTakeaway(board.restaurant, event.takeaway) };
  }
  return event.item ? withItem(board, event.item) : board;
}

function withTakeaway(restaurant: Restaurant, { paused_until }: TakeawayState): Restaurant {
  const { paused_until: _, ...takeaway } = restaurant.settings.takeaway;
  const now = paused_until === null ? takeaway : { ...takeaway, paused_until };
  return { ...restaurant, settings: { ...restaurant.settings, takeaway: now } };
}

/** Takes an order's state if it is newer than the one held: from an event, or from a refusal. */
export function withOrder(board: Board, view: OrderView): Board {
  const held = board.orders.get(view.id);
  if (!isWhole(view) || view.held || (held && held.version >= view.version)) {
    return board;
  }
  const orders = trimmed(new Map(board.orders).set(view.id, view));
  const alarms = new Map(board.alarms);
  if (!isOpen(view)) {
    alarms.delete(view.id);
  }
  return { ...board, orders, alarms };
}

/** Older orders of the shift, for recall: what is held already stays as it is. */
export function withEnded(board: Board, orders: readonly Order[]): Board {
  const older = orders.filter((order) => !order.held && !board.orders.has(order.id));
  const all = [...older.reverse(), ...board.orders.values()];
  return { ...board, orders: new Map(all.map((order) => [order.id, order])) };
}

export function withoutAlarm(board: Board, order: OrderId): Board {
  const alarms = new Map(board.alarms);
  alarms.delete(order);
  return { ...board, alarms };
}

/** The menu gives the order of dishes and what is sold out. */
export function withMenu(board: Board, menu: Menu): Board {
  const items = menu.categories.flatMap(({ name, items }) => items.map((item) => ({ item, category: name })));
  const dishes = items.map(({ item, category }, place): [ItemId, Dish] => [
    item.id,
    {
      item: newer(board, item),
      place,
      category,
      kitchen_name: item.kitchen_name,
      stations: item.stations,
    },
  ]);
  return { ...board, dishes: new Map(dishes) };
}

function withItem(board: Board, item: ItemState): Board {
  const held = board.dishes.get(item.id);
  if (held && held.item.version >= item.version) {
    return board;
  }
  const dish = held ?? { place: board.dishes.size, category: {}, kitchen_name: null, stations: [] };
  return { ...board, dishes: new Map(board.dishes).set(item.id, { ...dish, item }) };
}

function newer(board: Board, item: Item): Dish["item"] {
  const held = board.dishes.get(item.id)?.item;
  return held && held.version > item.version ? held : item;
}

export function isOpen(order: Order): boolean {
  return order.state !== "completed" && order.state !== "cancelled";
}

/** Staff get whole orders; the wire has one type for both audiences. */
function isWhole(view: OrderView): view is Order {
  return "placed_by" in view;
}

function trimmed(orders: Map<OrderId, Order>): Map<OrderId, Order> {
  const ended = [...orders.values()].filter((order) => !isOpen(order));
  if (ended.length > ENDED_KEPT) {
    const when = (order: Order) => order.completed_at ?? order.cancelled_at ?? "";
    ended.sort((a, b) => when(a).localeCompare(when(b)));
    for (const order of ended.slice(0, ended.length - ENDED_KEPT)) {
      orders.delete(order.id);
    }
  }
  return orders;
}
