// What is new on this screen, for the ear: which sound news deserves, and that it is repeated until
// somebody at the screen has moved a hand. Knows no board: tickets are handed in. Called by kitchen.ts.

import type { LineId, OrderId } from "../wire/types";
import type { Sound } from "./sounds";
import type { Ticket } from "./ticket";

/** News nobody has answered is told again. */
export const AGAIN_MS = 60_000;
/** Tickets that are remembered as told, so that one that comes back is no news. */
const HEARD_KEPT = 1_000;

/** What the ear was told of a ticket. */
interface Heard {
  readonly cancelled: boolean;
  readonly voided: ReadonlySet<LineId>;
  /** At the pass only: who cooks it knows. */
  readonly ready: boolean;
}

export class News {
  readonly #play: (sound: Sound) => void;
  /** `null`: whatever comes next is not news. */
  #heard: ReadonlyMap<OrderId, Heard> | null = null;
  #again: ReturnType<typeof setInterval> | undefined;

  constructor(play: (sound: Sound) => void) {
    this.#play = play;
  }

  /** Tickets that this screen has now. Says whether any was not here before. */
  tell(tickets: readonly Ticket[], pass: boolean): boolean {
    const before = this.#heard;
    const now = new Map(tickets.map((ticket) => [ticket.order.id, heardOf(ticket, pass)]));
    this.#heard = new Map([...(before ?? []), ...now].slice(-HEARD_KEPT));
    const fresh = tickets.filter(({ order }) => !before?.has(order.id));
    const sound = before && soundOf(before, now, tickets, fresh);
    if (sound) {
      this.#play(sound);
      this.#repeat(sound);
    }
    return fresh.length > 0;
  }

  /** How many tickets were ever told of. */
  get count(): number {
    return this.#heard?.size ?? 0;
  }

  get begun(): boolean {
    return this.#heard !== null;
  }

  /** Somebody is there: nothing needs saying again. */
  acknowledge(): void {
    clearInterval(this.#again);
  }

  /** Other stations are shown: what comes next is not news. */
  forget(): void {
    this.#heard = null;
    this.acknowledge();
  }

  /** What was cancelled, and what is ready, stays in sight by itself; only work that waits is told again. */
  #repeat(sound: Sound): void {
    if (sound === "cancelled") {
      return;
    }
    clearInterval(this.#again);
    this.#again = setInterval(() => this.#play(sound), AGAIN_MS);
  }
}

function heardOf(ticket: Ticket, pass: boolean): Heard {
  const voided = ticket.lines.filter((line) => line.mark === "voided").map(({ line }) => line.id);
  return {
    cancelled: ticket.cancelled,
    voided: new Set(voided),
    ready: pass && ticket.ready,
  };
}

/** The one sound for all that is new: what matters most. */
function soundOf(
  before: ReadonlyMap<OrderId, Heard>,
  now: ReadonlyMap<OrderId, Heard>,
  tickets: readonly Ticket[],
  fresh: readonly Ticket[],
): Sound | null {
  if (fresh.some(({ order }) => order.allergy !== null && order.allergy_confirmed_at === null)) {
    return "allergy";
  }
  const changed = [...now].flatMap(([id, heard]) => {
    const old = before.get(id);
    return old ? [{ old, heard }] : [];
  });
  const struck = changed.some(
    ({ old, heard }) =>
      (heard.cancelled && !old.cancelled) || [...heard.voided].some((line) => !old.voided.has(line)),
  );
  if (struck) {
    return "cancelled";
  }
  if (changed.some(({ old, heard }) => heard.ready && !old.ready)) {
    return "ready";
  }
  if (fresh.length === 0) {
    return null;
  }
  const old = tickets.filter((ticket) => !fresh.includes(ticket));
  const tables = new Set(old.flatMap(({ order }) => (order.table === null ? [] : [order.table.id])));
  return fresh.every(({ order }) => order.table !== null && tables.has(order.table.id)) ? "added" : "new";
}
