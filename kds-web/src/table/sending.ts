// The life of an order between "Send" and the kitchen's answer, as a pure machine. An order is kept
// on the phone, with its Idempotency-Key, before the first try; each try is written down before it
// begins; every answer has one next step. So it is neither lost nor doubled, whatever is cut.
// Knows no clock, network or storage: the courier carries out what it says.

import { backoff_ms } from "../wire/link";
import type { CommandId, Draft, GuestId, LineProblem, OrderId, Problem, SeatingId } from "../wire/types";
import type { CartLine } from "./cart";

/** What could not be sent within this time is dropped, visibly (L4). */
export const KEEP_MS = 24 * 60 * 60 * 1000;
/** A try without an answer ends here; it may have arrived all the same. */
export const TRY_MS = 12_000;
/** How long one tab may hold an order for a try; longer than any try. */
export const LEASE_MS = TRY_MS + 3_000;
/** A server's Retry-After is honoured up to here: people wait at the table. */
const RETRY_AFTER_MOST_MS = 60_000;
const WAIT_LEAST_MS = 300;
const WAIT_MOST_MS = RETRY_AFTER_MOST_MS + 1_000;

export interface KeptOrder {
  /** The Idempotency-Key, chosen by this phone. */
  id: CommandId;
  /** Whose order it is: it goes to no other seating. */
  seating: SeatingId;
  guest: GuestId;
  draft: Draft;
  /** What the draft was made of, to put it back. */
  lines: readonly CartLine[];
  note: string;
  allergy: string;
  kept_at: number;
  /** Tries begun. */
  tries: number;
  /** Tries of which it is not known that they did nothing: each may have arrived. */
  doubts: number;
  waits_for: Waits;
  next_at: number;
  /** The guest wants it back, but it may have arrived: it is sent, then cancelled. */
  take_back: boolean;
  /** Its id at the server, known while it is still to be cancelled. */
  placed: OrderId | null;
  lease: { tab: string; until: number } | null;
}

/** What it waits for: its turn, a network, a server that can, or the end of a limit. */
export type Waits = "turn" | "connection" | "server" | "limit";

export type NewOrder = Pick<
  KeptOrder,
  "id" | "seating" | "guest" | "draft" | "lines" | "note" | "allergy" | "kept_at"
>;

export function kept(order: NewOrder): KeptOrder {
  const untried = { tries: 0, doubts: 0, waits_for: "turn" as const, next_at: order.kept_at };
  return { ...order, ...untried, take_back: false, placed: null, lease: null };
}

// ---- a try ---------------------------------------------------------------------------------------

export type Ready = "now" | "too_old" | "not_yet" | "elsewhere" | "other_seating";

/** May this tab try the order now? A time further off than any wait means that a clock was set back. */
export function readiness(order: KeptOrder, tab: string, seating: SeatingId, now: number): Ready {
  if (now - order.kept_at >= KEEP_MS) return "too_old";
  if (order.seating !== seating) return "other_seating";
  const { lease, next_at } = order;
  if (lease !== null && lease.tab !== tab && lease.until > now && lease.until <= now + LEASE_MS)
    return "elsewhere";
  return next_at <= now || next_at > now + WAIT_MOST_MS ? "now" : "not_yet";
}

/** Written down before the request leaves: from here on it may have arrived. */
export function trying(order: KeptOrder, tab: string, now: number): KeptOrder {
  return {
    ...order,
    tries: order.tries + 1,
    doubts: order.doubts + 1,
    lease: { tab, until: now + LEASE_MS },
  };
}

/** Try at once: the phone woke, the network is back, or somebody pressed. A limit is waited for. */
export function hurried(order: KeptOrder, now: number): KeptOrder {
  return order.waits_for === "limit" || order.next_at <= now ? order : { ...order, next_at: now };
}

// ---- its answer ----------------------------------------------------------------------------------

export type Answer =
  | { is: "placed"; order: OrderId }
  | { is: "cancelled" }
  /** No answer: it may have arrived. */
  | { is: "silence" }
  | { is: "refused"; status: number; problem: Problem; retry_after_ms: number | null };

export type Step =
  /** Keep it so; `next_at` says when to go on. */
  | { do: "wait"; order: KeptOrder }
  /** Sign in again with the same code, then go on with the same key. */
  | { do: "scan"; order: KeptOrder }
  /** The kitchen has it. */
  | { do: "done"; too_late: boolean }
  /** There is no order: its lines are the cart's again. */
  | { do: "put_back"; why: PutBack };

/** Why an order is in the cart again. */
export type PutBack =
  | { is: "unavailable"; lines: readonly LineProblem[] }
  | { is: "total_changed"; total: number | null }
  | { is: "taken_back" }
  /** `unsure`: one of the tries may have arrived before the table was closed. */
  | { is: "closed"; unsure: boolean }
  | { is: "refused"; code: string; message: string };

/** What follows from an answer. `roll` is random, from 0 up to 1. */
export function next(order: KeptOrder, answer: Answer, now: number, roll: number): Step {
  const free = { ...order, lease: null };
  switch (answer.is) {
    case "placed":
      if (!order.take_back) return { do: "done", too_late: false };
      return { do: "wait", order: { ...free, placed: answer.order, waits_for: "turn", next_at: now } };
    case "cancelled":
      return { do: "put_back", why: { is: "taken_back" } };
    case "silence":
      return later(free, "connection", null, now, roll);
    case "refused":
      return refused(free, answer, now, roll);
  }
}

function refused(order: KeptOrder, answer: Answer & { is: "refused" }, now: number, roll: number): Step {
  const { status, problem, retry_after_ms } = answer;
  // A commit whose answer was lost ends as 5xx: the order may be there.
  if (status >= 500 || status === 408) return later(order, "server", retry_after_ms, now, roll);
  const settled = { ...order, doubts: order.doubts - 1 };
  if (status === 429) return later(settled, "limit", retry_after_ms, now, roll);
  if (status === 401) return { do: "scan", order: { ...settled, next_at: now + waitMs(order.tries, roll) } };
  if (order.placed === null) return final(settled, problem);
  return { do: "done", too_late: true };
}

/** The server has decided. */
function final(order: KeptOrder, problem: Problem): Step {
  switch (problem.code) {
    case "unavailable":
      return { do: "put_back", why: { is: "unavailable", lines: problem.lines ?? [] } };
    case "total_changed":
      return { do: "put_back", why: { is: "total_changed", total: problem.total ?? null } };
    case "seating_closed":
    case "session_revoked":
      return { do: "put_back", why: { is: "closed", unsure: order.doubts > 0 } };
    case "id_reused":
      // The key was used up: the order is there, under an earlier name of this phone.
      return { do: "done", too_late: order.take_back };
    default:
      return {
        do: "put_back",
        why: { is: "refused", code: problem.code, message: problem.detail || problem.title },
      };
  }
}

function later(order: KeptOrder, waits_for: Waits, asked_ms: number | null, now: number, roll: number): Step {
  const wait = asked_ms === null ? waitMs(order.tries, roll) : askedMs(asked_ms, roll);
  return { do: "wait", order: { ...order, waits_for, next_at: now + wait } };
}

function waitMs(tries: number, roll: number): number {
  return WAIT_LEAST_MS + Math.round(backoff_ms(tries, roll));
}

/** Never before the server asked for it, and not all phones in the same instant. */
function askedMs(asked_ms: number, roll: number): number {
  return Math.min(asked_ms, RETRY_AFTER_MOST_MS) + Math.round(roll * 1000);
}

// ---- taking it back ------------------------------------------------------------------------------

/** Surely nobody else has it: no try is under way, and none can have arrived. */
export function certain(order: KeptOrder): boolean {
  return order.doubts === 0 && order.placed === null;
}

/** The guest wants it back: at once while that is certain, else by sending and cancelling it. */
export function takenBack(order: KeptOrder, now: number): Step {
  if (certain(order)) return { do: "put_back", why: { is: "taken_back" } };
  return { do: "wait", order: hurried({ ...order, take_back: true }, now) };
}
