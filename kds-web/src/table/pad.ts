// The waiter's pad, on the guest's phone: the cart and the orders that are not answered yet, for one
// code. One record, changed in one piece: an order is always either in the cart or kept to be sent,
// never in both, never in neither. Pure; keeping.ts stores it, the courier and the visit change it.

import type { SeatingId } from "../wire/types";
import {
  CART_LIFE_MS,
  type Cart,
  draftOf,
  EMPTY,
  emptied,
  forSeating,
  type PricedCart,
  restored,
} from "./cart";
import { contactOf } from "./contact";
import {
  type Answer,
  type KeptOrder,
  kept,
  type NewOrder,
  next,
  type PutBack,
  readiness,
  type Step,
  takenBack,
  trying,
} from "./sending";

export interface Pad {
  code: string;
  cart: Cart;
  /** Oldest first; they go out in this order. */
  orders: readonly KeptOrder[];
}

export function emptyPad(code: string): Pad {
  return { code, cart: EMPTY, orders: [] };
}

/** Moves the cart into an order; `pad` itself if the cart is no longer the one the guest saw. */
export function sent(
  pad: Pad,
  revision: number,
  who: Pick<NewOrder, "id" | "seating" | "guest">,
  price: PricedCart,
  now: number,
  locale = "en",
): Pad {
  const { cart } = pad;
  const ready = cart.revision === revision && cart.lines.length > 0 && price.problems === 0;
  if (!ready) return pad;
  const { lines, note, allergy } = cart;
  const order = kept({
    ...who,
    draft: draftOf(cart, price.totals.total, contactOf(cart.reach, locale)),
    lines,
    note,
    allergy,
    kept_at: now,
  });
  return { ...pad, cart: emptied(cart, now), orders: [...pad.orders, order] };
}

/** Writes down that a try of the first order that is due begins. */
export function tryBegun(pad: Pad, id: string, tab: string, seating: SeatingId, now: number): Pad {
  const order = find(pad, id);
  if (order === undefined || readiness(order, tab, seating, now) !== "now") return pad;
  return withOrder(pad, trying(order, tab, now));
}

/** The pad after an answer to an order, and what was done. Without a step it was settled before. */
export function answered(
  pad: Pad,
  id: string,
  answer: Answer,
  now: number,
  roll: number,
): { pad: Pad; step: Step | null } {
  const order = find(pad, id);
  if (order === undefined) return { pad, step: null };
  const step = next(order, answer, now, roll);
  return { pad: stepped(pad, order, step, now), step };
}

/** The guest wants an unanswered order back. */
export function takeBack(pad: Pad, id: string, now: number): { pad: Pad; step: Step | null } {
  const order = find(pad, id);
  if (order === undefined) return { pad, step: null };
  const step = takenBack(order, now);
  return { pad: stepped(pad, order, step, now), step };
}

function stepped(pad: Pad, order: KeptOrder, step: Step, now: number): Pad {
  switch (step.do) {
    case "wait":
    case "scan":
      return withOrder(pad, step.order);
    case "done":
      return without(pad, order.id);
    case "put_back":
      return putBack(pad, order, step.why, now);
  }
}

function putBack(pad: Pad, order: KeptOrder, why: PutBack, now: number): Pad {
  const problems = why.is === "unavailable" ? why.lines : [];
  const total = why.is === "total_changed" ? why.total : null;
  const cart = restored(pad.cart, order, problems, total, now);
  // The time that was chosen stays so: when it is gone, the page sees that by what is left.
  const pickup = order.draft.kind === "takeaway" ? (order.draft.pickup_at ?? null) : undefined;
  return { ...without(pad, order.id), cart: { ...cart, pickup } };
}

/**
 * The pad in a seating. Orders of an earlier one cannot go out any more: their lines are the cart's
 * again, unless they are from another meal.
 */
export function seated(pad: Pad, seating: SeatingId, now: number): Pad {
  const strays = pad.orders.filter((order) => order.seating !== seating);
  const cart = forSeating(pad.cart, seating, now);
  if (cart === pad.cart && strays.length === 0) return pad;
  const fresh = strays.filter((order) => order.placed === null && now - order.kept_at < CART_LIFE_MS);
  const orders = pad.orders.filter((order) => order.seating === seating);
  const begun: Pad = { ...pad, cart, orders };
  return fresh.reduce(
    (held, order) => putBack(held, order, { is: "closed", unsure: order.doubts > 0 }, now),
    begun,
  );
}

/** The pad when the table is closed: nothing can go out, so every line is the cart's. */
export function unseated(pad: Pad, now: number): Pad {
  const closed = { is: "closed", unsure: false } as const;
  return pad.orders.reduce(
    (held, order) => (order.placed === null ? putBack(held, order, closed, now) : without(held, order.id)),
    pad,
  );
}

export function withOrder(pad: Pad, order: KeptOrder): Pad {
  return { ...pad, orders: pad.orders.map((held) => (held.id === order.id ? order : held)) };
}

export function without(pad: Pad, id: string): Pad {
  return { ...pad, orders: pad.orders.filter((order) => order.id !== id) };
}

export function find(pad: Pad, id: string): KeptOrder | undefined {
  return pad.orders.find((order) => order.id === id);
}
