// Small decisions between state and words: whether the link banner stands and what it says, what a
// notice says, who must open the gate, what the button to one's orders is labelled. No effects.

import { clock } from "../time";
import type { GuestOrder, ItemId } from "../wire/types";
import type { PricedCart } from "./cart";
import type { Place } from "./keeping";
import type { Notice } from "./notices";
import type { KeptOrder } from "./sending";
import type { Speech } from "./speech";
import { lets } from "./tab";
import type { Pin } from "./views/pin-card";
import type { Cut } from "./views/shell";
import type { Visit } from "./visit";
import type { Words } from "./words/en";

/** A tie that is back within this time was never worth a word. */
const GRACE_MS = 3_000;

/** How the tie to the restaurant stands, at a table or without one. */
export interface Tie {
  /** Since when it is lost (server time); `null` while it holds. */
  readonly lost_at: number | null;
  /** It was there since the page was opened. */
  readonly was_live: boolean;
  /** Orders wait on this phone. */
  readonly unsent: boolean;
}

export function cutSaid({ lost_at, was_live, unsent }: Tie, { words, time }: Speech): Cut {
  if (lost_at === null || clock.value - lost_at < GRACE_MS) return null;
  const title = was_live ? words.link.lost(time(lost_at)) : words.link.connecting;
  return { title, more: unsent ? words.link.kept : words.link.reading };
}

export function cutOf(visit: Visit, speech: Speech): Cut {
  const unsent = visit.held.pad.value.orders.length > 0;
  const tie = { lost_at: visit.lost_at.value, was_live: visit.was_live.value, unsent };
  const cut = cutSaid(tie, speech);
  const link = visit.hub.value?.link.value;
  const old = link?.is === "ended" && link.reason.code === "update";
  return cut !== null && old ? { ...cut, title: speech.words.link.reload } : cut;
}

export function gateOf(visit: Visit, place: Place): "waiter" | Pin | null {
  const { seating } = place.tab;
  if (lets(seating, place.scanned.guest)) return null;
  return seating.gate === "pin" ? { state: pinState(visit), onPin: (pin) => visit.givePin(pin) } : "waiter";
}

function pinState(visit: Visit): Pin["state"] {
  const outbox = visit.hub.value?.outbox;
  if (outbox?.pending.value.some(({ command }) => command.name === "seating.pin")) return "checking";
  const undone = outbox?.undone.value.findLast(({ pending }) => pending.command.name === "seating.pin");
  if (undone?.is !== "refused") return "idle";
  return undone.refused.code === "pin_locked" ? "locked" : "wrong";
}

export function saidOf(notice: Notice, { words }: Speech): string {
  const say = words.notice;
  switch (notice.is) {
    case "unavailable":
      return say.unavailable;
    case "total_changed":
      return say.total;
    case "refused":
      return say.refused(notice.message);
    case "taken_back":
      return say.takenBack;
    case "too_late":
      return say.tooLate;
    case "closed":
      return say.closed;
    case "unsure":
      return say.unsure;
    case "dropped":
      return say.dropped;
    case "other_tab":
      return say.otherTab;
  }
}

/** Portions of each item in the cart. */
export function inCartOf(cart: PricedCart): Map<ItemId, number> {
  const portions = new Map<ItemId, number>();
  for (const { line } of cart.lines) portions.set(line.item, (portions.get(line.item) ?? 0) + line.quantity);
  return portions;
}

/** The one order that is on its way, when there is only one: by its id, or the one it was kept under. */
export function onlyOne(unsent: readonly KeptOrder[], mine: readonly GuestOrder[]): string | undefined {
  return unsent.length + mine.length === 1 ? (unsent[0]?.id ?? mine[0]?.id) : undefined;
}

/** How far the newest of one's own orders is; empty when there is none on its way. */
export function ordersLabel(unsent: readonly KeptOrder[], mine: readonly GuestOrder[], words: Words): string {
  if (unsent.length > 0) return words.bill.unsent;
  const newest = mine.at(-1);
  return newest === undefined ? "" : words.bill.state[newest.held ? "held" : newest.state];
}
