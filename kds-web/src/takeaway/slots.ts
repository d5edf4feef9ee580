// When an order can be picked up, as the page shows it: times by day, those that are taken among them, and whether
// the restaurant takes orders now. Pure; the server has the last word when the order comes.

import type { Cart } from "../table/cart";
import type { Item, ItemId, SlotList, Timestamp } from "../wire/types";

/** When it is picked up: `null` as soon as possible, `undefined` not chosen. */
export type Pickup = Timestamp | null | undefined;

export interface Time {
  readonly at: Timestamp;
  /** Somebody else has it. */
  readonly full: boolean;
}

export interface Day {
  /** Where the restaurant is: `2026-01-31`. */
  readonly date: string;
  readonly times: readonly Time[];
}

/** What the order needs of the kitchen: the slowest dish, and all portions together, in minutes. */
export interface Work {
  readonly preparation: number;
  readonly minutes: number;
}

export function workOf(cart: Pick<Cart, "lines">, items: ReadonlyMap<ItemId, Item>): Work {
  return cart.lines.reduce(
    (work, line) => {
      const minutes = items.get(line.item)?.preparation_minutes ?? 0;
      return {
        preparation: Math.max(work.preparation, minutes),
        minutes: work.minutes + minutes * line.quantity,
      };
    },
    { preparation: 0, minutes: 0 },
  );
}

/** The date where the restaurant is. */
export function dateOf(at: number | Timestamp, timezone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: timezone }).format(new Date(at));
}

export function daysOf({ slots, full = [] }: SlotList, timezone: string): Day[] {
  const times: Time[] = [
    ...slots.map(({ at }) => ({ at, full: false })),
    ...full.map(({ at }) => ({ at, full: true })),
  ];
  times.sort((a, b) => a.at.localeCompare(b.at));
  const days = new Map<string, Time[]>();
  for (const time of times) {
    const date = dateOf(time.at, timezone);
    days.set(date, [...(days.get(date) ?? []), time]);
  }
  return [...days].map(([date, times]) => ({ date, times }));
}

/** How takeaway stands at this moment. */
export type Standing =
  | { readonly is: "unknown" }
  /** Not sold here at all. */
  | { readonly is: "off" }
  | { readonly is: "paused"; readonly until: Timestamp }
  /** Not now; `opens_at` may be far off. */
  | { readonly is: "closed"; readonly opens_at: Timestamp | null }
  /** Open, and nothing is left. */
  | { readonly is: "full" }
  | { readonly is: "open"; readonly soonest: Timestamp | null };

export function standingOf(list: SlotList | null): Standing {
  if (list === null) return { is: "unknown" };
  if (!list.on) return { is: "off" };
  if (list.paused_until !== undefined) return { is: "paused", until: list.paused_until };
  if (list.opens_at !== undefined) return { is: "closed", opens_at: list.opens_at };
  if (list.slots.length === 0 && list.soonest === undefined)
    return list.full === undefined ? { is: "closed", opens_at: null } : { is: "full" };
  return { is: "open", soonest: list.soonest ?? null };
}

/** The wish as it can be had now: what is gone is not chosen, and nothing said means as soon as possible. */
export function pickupOf(wish: Pickup, list: SlotList | null): Pickup {
  if (list === null) return wish;
  const soon = list.on && list.soonest !== undefined ? null : undefined;
  if (wish === null || wish === undefined) return soon;
  return list.slots.some(({ at }) => at === wish) ? wish : undefined;
}

/** A quarter of an hour (src/domain/takeaway.rs): an order that is for one was chosen so. */
const SLOT_MS = 15 * 60_000;

/** The time that was agreed; `null` when it is to be ready as soon as possible. */
export function agreedOf(order: { pickup_at?: Timestamp; start_at?: Timestamp }): Timestamp | null {
  const { pickup_at, start_at } = order;
  if (pickup_at === undefined) return null;
  return start_at !== undefined || Date.parse(pickup_at) % SLOT_MS === 0 ? pickup_at : null;
}
