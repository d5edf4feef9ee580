// What each table asks of a waiter, and what the calls page lists: pure functions of the room and the time.
// They give states and times; the views have the words. Knows no socket.

import type { Call, Order, Seating, Table, Unseen } from "../wire/types";
import { isOpen, openCalls, ordersAt, type Room, seatingAt, tablesOf } from "./room";

/** From this share of the promised time on, an order is "soon". */
const SOON_SHARE = 0.75;

export type Age = "fresh" | "soon" | "late";

/** What the party is at. */
export type Doing = "free" | "seated" | "held" | "sent" | "cooking" | "ready" | "served";

export interface Tile {
  readonly table: Table;
  readonly seating: Seating | undefined;
  readonly doing: Doing;
  /** Since when; of what is cooking, since it reached the kitchen. */
  readonly since: number | null;
  readonly age: Age;
  readonly allergy: string | null;
  /** The one thing that wants somebody, the most urgent first. */
  readonly wants: Want | null;
}

/** What wants a waiter, since when. */
export type Want =
  | { readonly is: "unseen"; readonly unseen: Unseen; readonly since: number }
  | { readonly is: "gate"; readonly orders: readonly Order[]; readonly since: number }
  | { readonly is: "call"; readonly call: Call; readonly since: number }
  | { readonly is: "ready"; readonly orders: readonly Order[]; readonly since: number };

/** A want with the table that has it. */
export interface Asking {
  readonly table: Table;
  readonly seating: Seating | undefined;
  readonly want: Want;
}

export function tilesOf(room: Room, now: number): Tile[] {
  return tablesOf(room).map((table) => tileOf(room, table, now));
}

export function tileOf(room: Room, table: Table, now: number): Tile {
  const seating = seatingAt(room, table.id);
  const orders = ordersAt(room, table.id, seating);
  const open = orders.filter(isOpen);
  const cooking = open.filter((order) => !order.held && order.state !== "ready");
  const first = cooking[0];
  return {
    table,
    seating,
    doing: doingOf(seating, orders, open),
    since: first ? startOf(first) : seating ? Date.parse(seating.opened_at) : null,
    age: worst(cooking.map((order) => ageOf(order, now))),
    allergy: open.find((order) => order.allergy !== null)?.allergy ?? null,
    wants: wantsOf(room, seating, open)[0] ?? null,
  };
}

function doingOf(seating: Seating | undefined, orders: readonly Order[], open: readonly Order[]): Doing {
  if (open.some((order) => order.state === "preparing")) return "cooking";
  if (open.some((order) => !order.held && order.state !== "ready")) return "sent";
  if (open.some((order) => order.state === "ready")) return "ready";
  if (open.some((order) => order.held)) return "held";
  if (orders.some((order) => order.state === "completed")) return "served";
  return seating ? "seated" : "free";
}

function startOf(order: Order): number {
  return Date.parse(order.confirmed_at ?? order.placed_at);
}

/** Against the promised time. */
export function ageOf(order: Order, now: number): Age {
  const start = startOf(order);
  const due = Date.parse(order.due_at);
  if (now > due) return "late";
  return now > start + (due - start) * SOON_SHARE ? "soon" : "fresh";
}

function worst(ages: readonly Age[]): Age {
  return ages.includes("late") ? "late" : ages.includes("soon") ? "soon" : "fresh";
}

/** Most urgent first: not seen by the kitchen, then by how long it waits. */
function wantsOf(room: Room, seating: Seating | undefined, open: readonly Order[]): Want[] {
  const wants: Want[] = [];
  for (const order of open) {
    const unseen = room.alarms.get(order.id);
    if (unseen) wants.push({ is: "unseen", unseen, since: Date.parse(unseen.since) });
  }
  const held = open.filter((order) => order.held);
  if (held[0]) wants.push({ is: "gate", orders: held, since: Date.parse(held[0].placed_at) });
  for (const call of openCalls(seating)) {
    wants.push({ is: "call", call, since: Date.parse(call.called_at) });
  }
  const ready = open.filter((order) => order.state === "ready");
  const oldest = ready[0];
  if (oldest)
    wants.push({ is: "ready", orders: ready, since: Date.parse(oldest.ready_at ?? oldest.placed_at) });
  return wants.sort((a, b) => Number(b.is === "unseen") - Number(a.is === "unseen") || a.since - b.since);
}

/** Everything that wants somebody, in all of the room. */
export function askingOf(room: Room): Asking[] {
  const asking = tablesOf(room).flatMap((table) => {
    const seating = seatingAt(room, table.id);
    const open = ordersAt(room, table.id, seating).filter(isOpen);
    return wantsOf(room, seating, open).map((want) => ({ table, seating, want }));
  });
  const order = ({ want }: Asking) => (want.is === "unseen" ? 0 : 1);
  return asking.sort((a, b) => order(a) - order(b) || a.want.since - b.want.since);
}

/** Tables where a party can be moved to. */
export function freeTables(room: Room): Table[] {
  return tablesOf(room).filter((table) => seatingAt(room, table.id) === undefined);
}

/** Names a want, to tell whether it is news. */
export function keyOf({ table, want }: Asking): string {
  const which = want.is === "call" ? `${want.call.reason}${want.call.called_at}` : want.since;
  return `${table.id}/${want.is}/${which}`;
}
