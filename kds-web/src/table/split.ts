// The table's bill, looked at in parts: what each phone ordered, or evenly. A view only: nobody pays here, and
// the parts always add up to the bill. Pure.

import type { GuestId } from "../wire/types";
import { billOf, ordersOf, type Tab } from "./tab";

export interface Share {
  /** `null`: what staff ordered for the table. */
  readonly guest: GuestId | null;
  readonly total: number;
}

/** What each phone ordered, in the order of their numbers; what staff ordered comes last. */
export function byGuest(tab: Tab): Share[] {
  const totals = new Map<GuestId | null, number>();
  for (const order of ordersOf(tab)) {
    if (order.state === "cancelled") continue;
    const guest = tab.seating.guests.some(({ id }) => id === order.guest) ? order.guest : null;
    totals.set(guest, (totals.get(guest) ?? 0) + order.totals.total);
  }
  const numbers = new Map(tab.seating.guests.map(({ id, number }) => [id, number]));
  const place = (guest: GuestId | null) =>
    guest === null ? Number.POSITIVE_INFINITY : (numbers.get(guest) ?? 0);
  return [...totals]
    .map(([guest, total]) => ({ guest, total }))
    .sort((a, b) => place(a.guest) - place(b.guest));
}

/** Parts that differ by one minor unit at most, the larger ones first. */
export function evenly(total: number, people: number): number[] {
  const least = Math.floor(total / people);
  const more = total - least * people;
  return Array.from({ length: people }, (_, n) => (n < more ? least + 1 : least));
}

/** As many as sit there, as far as phones tell. */
export function peopleOf(tab: Tab): number {
  return Math.max(2, tab.seating.guests.length);
}

export { billOf };
