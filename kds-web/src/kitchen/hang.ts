// Tickets and their pieces, made again only when something of them changed: with 300 on the wall one tap must
// not cost 300. Pure but for what it remembers. Called by kitchen.ts.

import type { Order, OrderId } from "../wire/types";
import { type Cut, cutsOf, type LineWords, type Room } from "./sizes";
import { type Look, type Ticket, type TicketLine, ticketOf } from "./ticket";

/** What the tickets of this moment have in common. */
export interface Moment extends Omit<Look, "inSlot" | "unsent"> {
  readonly inSlot: Look["inSlot"];
  /** Which taps of the order wait for their answer, as one text. */
  unsentOf(order: OrderId): string;
  readonly unsent: Look["unsent"];
  /** Changes with whatever changes for all of them: choice, settings, what was said OK to. */
  readonly ground: readonly unknown[];
}

interface Made {
  readonly order: Order;
  readonly inSlot: boolean;
  readonly unsent: string;
  readonly ticket: Ticket | null;
}

interface Sized {
  readonly room: Room;
  readonly words: unknown;
  readonly cuts: readonly Cut[];
}

/** A cancelled order's ticket goes by the clock: it is made each time. */
const isTimed = (order: Order) => order.state === "cancelled";

export class Hanging {
  #ground: readonly unknown[] = [];
  #made = new Map<OrderId, Made>();
  #sized = new WeakMap<Ticket, Sized>();

  tickets(orders: readonly Order[], moment: Moment): Ticket[] {
    if (this.#ground.length !== moment.ground.length || this.#ground.some((g, i) => g !== moment.ground[i])) {
      this.#made = new Map();
      this.#ground = moment.ground;
    }
    const made = new Map<OrderId, Made>();
    for (const order of orders) {
      made.set(order.id, this.#ticket(order, moment));
    }
    this.#made = made;
    return [...made.values()].flatMap(({ ticket }) => ticket ?? []);
  }

  /** `words` is how lines are written now; another one measures anew. */
  cuts(ticket: Ticket, room: Room, words: { lineWords(line: TicketLine): LineWords }): readonly Cut[] {
    const before = this.#sized.get(ticket);
    if (before && before.room === room && before.words === words) {
      return before.cuts;
    }
    const cuts = cutsOf(ticket, room, (line) => words.lineWords(line));
    this.#sized.set(ticket, { room, words, cuts });
    return cuts;
  }

  #ticket(order: Order, moment: Moment): Made {
    const before = this.#made.get(order.id);
    const inSlot = moment.inSlot(order.id);
    const unsent = moment.unsentOf(order.id);
    const same = before && before.order === order && before.inSlot === inSlot && before.unsent === unsent;
    return same && !isTimed(order) ? before : { order, inSlot, unsent, ticket: ticketOf(order, moment) };
  }
}
