// Sums over the tickets: all day, open, late, bumped, pace. Portions, never lines. Pure; read by the rail
// and the bar.

import type { ItemId, Localized, Order, StationId } from "../wire/types";
import type { Alarm, Board, Dish } from "./board";
import { doneAt, isDone, type Shown, type Ticket, type TicketLine, type Verdict, verdictOf } from "./ticket";

export interface ToCook {
  readonly item: ItemId;
  readonly line: TicketLine["line"];
  /** Portions that are not done, and how many of them are begun. */
  readonly portions: number;
  readonly started: number;
  /** The same portions by what was chosen with them. */
  readonly options: readonly WithOptions[];
}

export interface WithOptions {
  readonly key: string;
  readonly names: readonly Localized[];
  readonly portions: number;
}

/** What there is to cook, in menu order. */
export function allDay(tickets: readonly Ticket[], dishes: Board["dishes"]): ToCook[] {
  const sums = new Map<ItemId, Sum>();
  for (const ticket of tickets) {
    for (const { line, mark, held } of ticket.cancelled ? [] : ticket.lines) {
      if ((mark === "queued" || mark === "started") && !held) {
        const sum = sums.get(line.item) ?? { item: line.item, line, portions: 0, started: 0, by: new Map() };
        sums.set(line.item, sum);
        sum.portions += line.quantity;
        sum.started += mark === "started" ? line.quantity : 0;
        addOptions(sum.by, line);
      }
    }
  }
  const place = ({ item }: Sum) => dishes.get(item)?.place ?? Number.MAX_SAFE_INTEGER;
  const sorted = [...sums.values()].sort((a, b) => place(a) - place(b));
  return sorted.map(({ by, ...sum }) => ({ ...sum, options: [...by.values()] }));
}

/** A sum while it is counted. */
interface Sum {
  readonly item: ItemId;
  readonly line: ToCook["line"];
  portions: number;
  started: number;
  readonly by: Map<string, WithOptions>;
}

function addOptions(by: Map<string, WithOptions>, { options, quantity }: ToCook["line"]): void {
  if (options.length > 0) {
    const key = options.map((option) => option.id).join(" ");
    const portions = (by.get(key)?.portions ?? 0) + quantity;
    by.set(key, { key, names: options.map((option) => option.name), portions });
  }
}

export function verdicts(tickets: readonly Ticket[], now_ms: number): Record<Verdict | "open", number> {
  const open = tickets.filter((ticket) => !ticket.cancelled);
  const counts = { open: open.length, new: 0, fresh: 0, soon: 0, late: 0 };
  for (const ticket of open) {
    counts[verdictOf(ticket, now_ms)] += 1;
  }
  return counts;
}

export interface Bumped {
  readonly order: Order;
  readonly at_ms: number;
}

/** What the shown stations finished, the latest first. */
export function bumped(orders: Iterable<Order>, shown: Shown): Bumped[] {
  const done: Bumped[] = [];
  for (const order of orders) {
    const at_ms = doneAt(order, shown);
    if (at_ms !== null) {
      done.push({ order, at_ms });
    }
  }
  return done.sort((a, b) => b.at_ms - a.at_ms);
}

/** What left the pass, the latest first. */
export function handedOver(orders: Iterable<Order>): Bumped[] {
  const gone = [...orders].flatMap((order) =>
    order.completed_at ? [{ order, at_ms: Date.parse(order.completed_at) }] : [],
  );
  return gone.sort((a, b) => b.at_ms - a.at_ms);
}

/** A station's share of the tickets at the pass. */
export interface Load {
  readonly station: StationId;
  readonly open: number;
  readonly late: number;
  /** Orders that none of its screens has shown. */
  readonly unseen: number;
}

export function loads(board: Board, tickets: readonly Ticket[], now_ms: number): Load[] {
  const alarms = [...board.alarms.values()];
  return board.stations.map(({ id }) => {
    const open = tickets.filter((t) => !t.cancelled && !isDone(t.order, new Set([id])));
    const late = open.filter((ticket) => verdictOf(ticket, now_ms) === "late").length;
    const unseen = alarms.filter(({ unseen }) => unseen.stations.includes(id)).length;
    return { station: id, open: open.length, late, unseen };
  });
}

/** How long tickets took of late, and how long was promised, on average; `null` before the first. */
export function pace(
  done: readonly Bumped[],
  from: (order: Order) => number,
): { took_ms: number; aim_ms: number } | null {
  if (done.length === 0) {
    return null;
  }
  const mean = (of: (one: Bumped) => number) =>
    done.reduce((sum, one) => sum + Math.max(0, of(one)), 0) / done.length;
  return {
    took_ms: mean(({ order, at_ms }) => at_ms - from(order)),
    aim_ms: mean(({ order }) => Date.parse(order.due_at) - from(order)),
  };
}

/** What the menu says is gone, or running out. */
export function soldOut(dishes: Board["dishes"], low = 5): Dish[] {
  return [...dishes.values()].filter(
    ({ item }) => !item.available || (item.stock !== null && item.stock <= low),
  );
}

/**
 * Alarms that are worth a line: not told again since means that it was shown or is over. A ticket that
 * this very screen shows, at the stations the alarm names, needs none.
 */
export function alarmsToShow(
  board: Board,
  tickets: readonly Ticket[],
  shown: Shown,
  now_ms: number,
): Alarm[] {
  const kept_ms = board.restaurant.settings.unseen_again_seconds * 2_000;
  const here = new Set(tickets.map((ticket) => ticket.order.id));
  return [...board.alarms.values()].filter(({ unseen, at }) => {
    const ours =
      here.has(unseen.order) && unseen.stations.every((station) => shown === null || shown.has(station));
    return !ours && now_ms - Date.parse(at) < kept_ms;
  });
}
