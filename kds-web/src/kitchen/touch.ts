// What a hand does to the kitchen: bump, tap a line, take back, bring back, say OK. Turns a touch into
// commands for the outbox, answers at once, and keeps double taps out. Knows no view. Made by the page.

import { signal } from "@preact/signals";
import type { Command, Order } from "../wire/types";
import { withoutAlarm } from "./board";
import { bumped } from "./counts";
import type { Action } from "./keys";
import { type Kitchen, keyOf } from "./kitchen";
import { perPage, slotNumber } from "./slots";
import { baseVersion, bump, orderOf, recallTicket, tapLine, unbump } from "./taps";
import { asksForAllergy, type Ticket, type TicketLine } from "./ticket";

const UNDO_MS = 5_000;
const DOUBLE_TAP_MS = 500;
const HINT_MS = 5_000;

export type Hint = "allergy_first" | "muted" | "loud" | "no_answer";

export interface Undo {
  readonly order: Order;
  readonly commands: readonly Command[];
}

/** Where the bump bar points: a slot of the page, and a line of its ticket. */
export interface Focus {
  readonly cell: number | null;
  readonly line: number | null;
}

export class Touch {
  readonly undoable = signal<Undo | null>(null);
  readonly hint = signal<Hint | null>(null);
  readonly focus = signal<Focus>({ cell: null, line: null });
  readonly help = signal(false);
  readonly #kitchen: Kitchen;
  readonly #touched = new Map<string, number>();
  #undo_ends: ReturnType<typeof setTimeout> | undefined;
  #hint_ends: ReturnType<typeof setTimeout> | undefined;

  constructor(kitchen: Kitchen) {
    this.#kitchen = kitchen;
  }

  /** Tap on the head of the ticket in this cell. */
  bump(ticket: Ticket, cell: number): void {
    if (!this.#once(`cell ${cell}`)) {
      return;
    }
    if (ticket.cancelled) {
      this.accept(ticket);
    } else if (asksForAllergy(ticket.order)) {
      this.say("allergy_first");
    } else {
      const commands = unbump(ticket);
      this.#acceptLines(ticket);
      this.#give(bump(ticket));
      this.#offerUndo({ order: ticket.order, commands });
    }
  }

  line(ticket: Ticket, line: TicketLine): void {
    if (!this.#once(line.line.id) || ticket.cancelled) {
      return;
    }
    if (line.mark === "voided") {
      this.#kitchen.acknowledged.add(keyOf(ticket.order.id, line.line.id));
    } else if (asksForAllergy(ticket.order) && line.mark !== "done") {
      this.say("allergy_first");
    } else {
      const finishes = ticket.lines.every(
        (other) => other === line || other.mark === "done" || (other.mark === "voided" && !other.asks),
      );
      if (line.mark === "started" && finishes) {
        this.#offerUndo({ order: ticket.order, commands: unbump(ticket) });
      }
      this.#give(...tapLine(ticket, line, this.#kitchen.shown.value ?? null));
    }
  }

  /** "OK, not cooking it": the cancelled ticket leaves this screen. */
  accept(ticket: Ticket): void {
    this.#kitchen.acknowledged.add(keyOf(ticket.order.id));
  }

  confirmAllergy(ticket: Ticket): void {
    this.#give({ name: "order.confirm_allergy", args: { order: ticket.order.id } });
  }

  take(ticket: Ticket): void {
    this.#give({ name: "order.confirm", args: { order: ticket.order.id } });
  }

  /** Brings a bumped ticket back. */
  recall(order: Order): void {
    if (this.#once(`recall ${order.id}`)) {
      this.#give(recallTicket(order, this.#kitchen.shown.value ?? null));
    }
  }

  undo(): void {
    const undo = this.undoable.value;
    if (undo) {
      this.undoable.value = null;
      this.#give(...undo.commands);
    }
  }

  dismissAlarm(order: string): void {
    const board = this.#kitchen.board.value;
    if (board) {
      this.#kitchen.board.value = withoutAlarm(board, order);
    }
  }

  mute(): void {
    this.#kitchen.sounds.toggleMute(Date.now());
    this.say(this.#kitchen.sounds.mutedUntil.value > 0 ? "muted" : "loud");
  }

  turn(by: number): void {
    const last = this.#kitchen.pages.value - 1;
    this.#kitchen.page.value = Math.min(last, Math.max(0, this.#kitchen.page.value + by));
    this.focus.value = { cell: null, line: null };
  }

  /** What a key means here. */
  act(action: Action): void {
    switch (action.do) {
      case "slot":
        this.#focusSlot(action.number);
        break;
      case "move":
        this.#move(action.across, action.down);
        break;
      case "page":
        this.turn(action.by);
        break;
      case "first_page":
        this.turn(-this.#kitchen.page.value);
        break;
      case "line":
        this.#enter();
        break;
      case "leave":
        this.#leave();
        break;
      case "bump":
        this.#bumpFocused();
        break;
      case "rush":
        this.#rushFocused();
        break;
      case "recall":
        this.#recallLast();
        break;
      case "undo":
        this.undo();
        break;
      case "mute":
        this.mute();
        break;
      case "tidy":
        this.#kitchen.tidy();
        break;
      case "help":
        this.help.value = !this.help.value;
        break;
    }
  }

  /** Esc: out of the line, then out of the ticket. */
  #leave(): void {
    const { cell, line } = this.focus.value;
    this.focus.value = { cell: line === null ? null : cell, line: null };
    this.help.value = false;
  }

  /** The ring stays on the slot, not on the ticket. */
  #bumpFocused(): void {
    const at = this.#atFocus();
    if (at) {
      this.bump(at.cut.ticket, at.place.cell);
      this.focus.value = { cell: this.focus.value.cell, line: null };
    }
  }

  #rushFocused(): void {
    const order = this.#atFocus()?.cut.ticket.order;
    if (order) {
      this.#give({ name: "order.rush", args: { order: order.id, rush: !order.rush } });
    }
  }

  #recallLast(): void {
    const { orders, shown } = this.#kitchen;
    const last = bumped(orders.value, shown.value ?? null)[0];
    if (last) {
      this.recall(last.order);
    }
  }

  #atFocus() {
    const { cell } = this.focus.value;
    return cell === null
      ? undefined
      : this.#kitchen.standing.value.find(
          ({ place }) => place.cell === cell || (place.tall && place.cell + 1 === cell),
        );
  }

  #focusSlot(number: number): void {
    const room = this.#kitchen.room.value;
    const cell = this.#kitchen.page.value * perPage(room) + number - 1;
    if (number <= perPage(room) && slotNumber(cell, room) === number) {
      this.focus.value = { cell, line: null };
    }
  }

  /** Among tickets, or up and down among the lines once Enter was pressed. */
  #move(across: number, down: number): void {
    const { cell, line } = this.focus.value;
    const at = this.#atFocus();
    if (line !== null && at && down !== 0) {
      const { from, to } = at.cut;
      this.focus.value = { cell, line: Math.min(to - 1, Math.max(from, line + down)) };
      return;
    }
    const room = this.#kitchen.room.value;
    const first = this.#kitchen.page.value * perPage(room);
    const step = (at?.place.tall && down > 0 ? 2 : down) + across * room.rows;
    const next = cell === null ? first : (at?.place.cell ?? cell) + step;
    if (next >= first && next < first + perPage(room)) {
      this.focus.value = { cell: next, line: null };
    }
  }

  #enter(): void {
    const at = this.#atFocus();
    const { cell, line } = this.focus.value;
    if (!at) {
      return;
    }
    const { ticket, from, to } = at.cut;
    const chosen = line === null ? undefined : ticket.lines[line];
    if (chosen) {
      this.line(ticket, chosen);
      return;
    }
    const open = ticket.lines.findIndex(
      (l, i) => i >= from && i < to && (l.mark === "queued" || l.mark === "started"),
    );
    this.focus.value = { cell, line: open < 0 ? from : open };
  }

  #acceptLines(ticket: Ticket): void {
    const asking = ticket.lines.filter((line) => line.asks);
    if (asking.length > 0) {
      this.#kitchen.acknowledged.add(...asking.map((line) => keyOf(ticket.order.id, line.line.id)));
    }
  }

  #give(...commands: readonly Command[]): void {
    for (const command of commands) {
      const id = orderOf(command);
      const order = id === null ? undefined : this.#kitchen.board.value?.orders.get(id);
      const base = order && baseVersion(order, this.#kitchen.taps.value);
      this.#kitchen.hub.outbox.put(command, base);
    }
  }

  /** A wet hand taps twice: the same place is deaf for half a second. */
  #once(place: string): boolean {
    const now = performance.now();
    if (now - (this.#touched.get(place) ?? Number.NEGATIVE_INFINITY) < DOUBLE_TAP_MS) {
      return false;
    }
    if (this.#touched.size > 100) {
      this.#touched.clear();
    }
    this.#touched.set(place, now);
    return true;
  }

  #offerUndo(undo: Undo): void {
    this.undoable.value = undo;
    clearTimeout(this.#undo_ends);
    this.#undo_ends = setTimeout(() => {
      this.undoable.value = null;
    }, UNDO_MS);
  }

  /** Answers in the key bar, for a few seconds. */
  say(hint: Hint): void {
    this.hint.value = hint;
    clearTimeout(this.#hint_ends);
    this.#hint_ends = setTimeout(() => {
      this.hint.value = null;
    }, HINT_MS);
  }
}
