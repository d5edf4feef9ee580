// The order that is not sent yet: its lines, its notes, what is wrong with it on the menu of this
// moment, and the draft that goes to the server. Pure. Names are kept in the lines, so that a dish that
// left the menu can still be named. Called by the page's state; views only read it.

import type {
  Contact,
  Draft,
  GuestLine,
  Item,
  ItemId,
  LineProblem,
  LineReason,
  Localized,
  Menu,
  OptionId,
  SeatingId,
  Timestamp,
  Totals,
} from "../wire/types";
import { type Choice, chosenOf, LINE_QUANTITY, unanswered } from "./choice";
import type { Reach } from "./contact";
import { orderable } from "./menu";
import { totalsOf, unitPrice } from "./prices";

/** Lines on one order (src/domain/limits.rs). */
export const ORDER_LINES = 60;
/** Characters of a note or an allergy. */
export const NOTE_CHARS = 500;
/** What was put in a cart this long ago belongs to another meal. */
export const CART_LIFE_MS = 3 * 60 * 60 * 1000;

export interface CartLine {
  /** Names the line on this phone only. */
  key: string;
  item: ItemId;
  name: Localized;
  quantity: number;
  options: readonly OptionId[];
  note: string;
  /** What the server last said against it; gone as soon as the line or its item changes. */
  problem: Problem | null;
}

export interface Problem {
  reason: LineReason;
  /** Portions left, when that is what was too small. */
  left: number | null;
}

export interface Cart {
  lines: readonly CartLine[];
  note: string;
  allergy: string;
  /** Where the guest wants to be told; a cart of an older page has none. */
  reach?: Reach | null;
  /** When it is picked up: `null` as soon as possible. Not there: it is eaten here, or nothing was chosen yet. */
  pickup?: Timestamp | null | undefined;
  /** The seating it was filled in; `null` before the first scan is answered. */
  seating: SeatingId | null;
  /** Rises with every change: two tabs cannot both send the same cart. */
  revision: number;
  /** The server's total of exactly this cart, when it differed from ours and the guest was asked. */
  asked_total: number | null;
  touched_at: number;
}

export const EMPTY: Cart = {
  lines: [],
  note: "",
  allergy: "",
  seating: null,
  revision: 0,
  asked_total: null,
  touched_at: 0,
};

/** What may be changed from outside; the rest follows. */
type Change = Partial<Pick<Cart, "lines" | "note" | "allergy" | "reach" | "seating" | "pickup">>;

export function changed(cart: Cart, change: Change, now: number): Cart {
  const asked_total = change.lines === undefined ? cart.asked_total : null;
  return { ...cart, ...change, asked_total, revision: cart.revision + 1, touched_at: now };
}

/** Adds a choice; an equal line takes the portions. */
export function added(cart: Cart, item: Item, choice: Choice, key: string, now: number): Cart {
  const line: CartLine = { key, item: item.id, name: item.name, ...cleaned(choice), problem: null };
  const equal = cart.lines.find((held) => same(held, line) && held.quantity + line.quantity <= LINE_QUANTITY);
  if (equal !== undefined) return withQuantity(cart, equal.key, equal.quantity + line.quantity, now);
  if (cart.lines.length >= ORDER_LINES) return cart;
  return changed(cart, { lines: [...cart.lines, line] }, now);
}

/** Replaces a line by a choice made on its sheet. */
export function edited(cart: Cart, key: string, choice: Choice, now: number): Cart {
  const lines = cart.lines.map((line) =>
    line.key === key ? { ...line, ...cleaned(choice), problem: null } : line,
  );
  return changed(cart, { lines }, now);
}

/** Sets a line's portions; none takes it out. */
export function withQuantity(cart: Cart, key: string, quantity: number, now: number): Cart {
  if (quantity < 1) return removed(cart, key, now);
  const portions = Math.min(quantity, LINE_QUANTITY);
  const lines = cart.lines.map((line) =>
    line.key === key ? { ...line, quantity: portions, problem: null } : line,
  );
  return changed(cart, { lines }, now);
}

export function removed(cart: Cart, key: string, now: number): Cart {
  return changed(cart, { lines: cart.lines.filter((line) => line.key !== key) }, now);
}

/** The cart with lines that were ordered before; what cannot be ordered now is left out. */
export function repeated(
  cart: Cart,
  lines: readonly Pick<GuestLine, "item" | "quantity" | "options" | "note" | "state">[],
  items: ReadonlyMap<ItemId, Item>,
  key: () => string,
  now: number,
): Cart {
  return lines.reduce((held, line) => {
    const item = items.get(line.item);
    if (item === undefined || !orderable(item) || line.state === "voided") return held;
    const chosen = new Set(line.options.map(({ id }) => id));
    const options = chosenOf(item, [...chosen]).filter((option) => option.available);
    const choice = { options: options.map(({ id }) => id), note: line.note ?? "", quantity: line.quantity };
    return added(held, item, choice, key(), now);
  }, cart);
}

/** After an order went out: nothing to order; who is allergic stays allergic. */
export function emptied(cart: Cart, now: number): Cart {
  return changed(cart, { lines: [], note: "", pickup: undefined }, now);
}

/** Puts an order that was not taken back in front, with what the server said against its lines. */
export function restored(
  cart: Cart,
  order: { lines: readonly CartLine[]; note: string; allergy: string },
  problems: readonly LineProblem[],
  total: number | null,
  now: number,
): Cart {
  const lines = order.lines.map((line, n) => ({
    ...line,
    problem: problemOf(problems.find((p) => p.line === n)),
  }));
  const kept = cart.lines.filter((line) => !lines.some((back) => back.key === line.key));
  const note = [order.note, cart.note].filter(Boolean).join("\n").slice(0, NOTE_CHARS);
  const next = changed(
    cart,
    { lines: [...lines, ...kept], note, allergy: cart.allergy || order.allergy },
    now,
  );
  return { ...next, asked_total: kept.length === 0 ? total : null };
}

function problemOf(problem: LineProblem | undefined): Problem | null {
  return problem === undefined ? null : { reason: problem.reason, left: problem.left ?? null };
}

/** Forgets what the server said of an item, and of the total, once the item has changed. */
export function afterItemChange(cart: Cart, item: ItemId): Cart {
  if (!cart.lines.some((line) => line.item === item)) return cart;
  const lines = cart.lines.map((line) => (line.item === item ? { ...line, problem: null } : line));
  return { ...cart, lines, asked_total: null };
}

/** The cart for a seating: kept within it, carried over to another only while it is fresh. */
export function forSeating(cart: Cart, seating: SeatingId, now: number): Cart {
  if (cart.seating === seating) return cart;
  const fresh = now - cart.touched_at < CART_LIFE_MS;
  return fresh ? { ...cart, seating } : { ...EMPTY, seating, revision: cart.revision + 1 };
}

function cleaned(choice: Choice): Pick<CartLine, "quantity" | "options" | "note"> {
  return { quantity: choice.quantity, options: choice.options, note: choice.note.trim() };
}

function same(a: CartLine, b: CartLine): boolean {
  const options = a.options.length === b.options.length && a.options.every((id) => b.options.includes(id));
  return a.item === b.item && a.note === b.note && a.problem === null && options;
}

/** What stands in the way of a line now, by the server's last word or by the menu. */
export function problemNow(
  line: CartLine,
  items: ReadonlyMap<ItemId, Item>,
  lines: readonly CartLine[],
): Problem | null {
  const item = items.get(line.item);
  if (item === undefined) return { reason: "unknown_item", left: null };
  if (!orderable(item)) return { reason: "sold_out", left: null };
  if (line.problem !== null) return line.problem;
  const wanted = lines.reduce((sum, other) => (other.item === line.item ? sum + other.quantity : sum), 0);
  if (item.stock !== null && wanted > item.stock) return { reason: "not_enough", left: item.stock };
  return optionProblem(line, item);
}

function optionProblem(line: CartLine, item: Item): Problem | null {
  const chosen = chosenOf(item, line.options);
  if (chosen.length !== line.options.length) return { reason: "unknown_option", left: null };
  if (chosen.some((option) => !option.available)) return { reason: "option_unavailable", left: null };
  return unanswered(item, line.options) === null ? null : { reason: "too_few_options", left: null };
}

/** A line as the cart shows it. */
export interface PricedLine {
  line: CartLine;
  item: Item | null;
  options: readonly Localized[];
  price: number;
  problem: Problem | null;
}

export interface PricedCart {
  lines: readonly PricedLine[];
  portions: number;
  problems: number;
  totals: Totals;
}

/** The cart on the menu of this moment. Lines with a problem are not in the totals. */
export function priced(cart: Cart, menu: Menu, items: ReadonlyMap<ItemId, Item>): PricedCart {
  const lines = cart.lines.map((line) => pricedLine(line, items, cart.lines));
  const good = lines.filter((line) => line.problem === null);
  const totals = totalsOf(
    good.map((line) => line.price),
    menu.restaurant.settings.charges,
  );
  return {
    lines,
    portions: good.reduce((sum, { line }) => sum + line.quantity, 0),
    problems: lines.length - good.length,
    totals: cart.asked_total === null ? totals : { ...totals, total: cart.asked_total },
  };
}

function pricedLine(
  line: CartLine,
  items: ReadonlyMap<ItemId, Item>,
  lines: readonly CartLine[],
): PricedLine {
  const item = items.get(line.item) ?? null;
  const chosen = item === null ? [] : chosenOf(item, line.options);
  return {
    line,
    item,
    options: chosen.map((option) => option.name),
    price: item === null ? 0 : unitPrice(item.price, chosen) * line.quantity,
    problem: problemNow(line, items, lines),
  };
}

/** What goes to the server. Only for a cart without problems. */
export function draftOf(cart: Cart, total: number, contact: Contact | null = null): Draft {
  const { pickup } = cart;
  return {
    kind: pickup === undefined ? "dine_in" : "takeaway",
    ...(pickup ? { pickup_at: pickup } : {}),
    lines: cart.lines.map((line) => ({
      item: line.item,
      quantity: line.quantity,
      options: [...line.options],
      ...(line.note ? { note: line.note } : {}),
    })),
    ...(cart.note.trim() ? { note: cart.note.trim() } : {}),
    ...(cart.allergy.trim() ? { allergy: cart.allergy.trim() } : {}),
    ...(contact === null ? {} : { contact }),
    expected_total: total,
  };
}
