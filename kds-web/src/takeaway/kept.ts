// What the takeaway page keeps on the phone beside the menu and the pad: whose phone it is, as the server knows it,
// and the orders it follows. One small record for each restaurant.

import { recall, remember } from "../storage";
import type { Way } from "../table/contact";
import type { TakeawayGuest } from "../wire/types";
import { fromKept, type KeptOrders, NONE, type Orders, toKeep } from "./orders";

/** A number that was verified, and the way in that came of it. */
export interface Verified {
  readonly phone: string;
  readonly way: Way;
  readonly guest: TakeawayGuest;
}

export interface Kept {
  readonly verified: Verified | null;
  readonly orders: Orders;
}

interface Stored {
  readonly verified: Verified | null;
  readonly orders: KeptOrders;
}

const name = (slug: string) => `takeaway.${slug}`;

export function readKept(slug: string): Kept {
  try {
    const stored = JSON.parse(recall(name(slug)) ?? "null") as Stored | null;
    if (stored !== null) return { verified: stored.verified, orders: fromKept(stored.orders) };
  } catch (error) {
    console.warn("What was kept of this restaurant cannot be read.", error);
  }
  return { verified: null, orders: NONE };
}

export function keep(slug: string, { verified, orders }: Kept): void {
  const nothing = verified === null && orders.all.size === 0;
  const stored: Stored = { verified, orders: toKeep(orders) };
  remember(name(slug), nothing ? null : JSON.stringify(stored));
}
