// What a hand does to the kitchen: bump, tap a line, take back, bring back, say OK. Turns a touch into
// commands for the outbox, answers at once, and keeps double taps out. Knows no view and no key (`bump-bar.ts`
// does). Made by the page.

import { signal } from "@preact/signals";
import type { Command, ItemId, LineId, Order, OrderId } from "../wire/types";
import { withoutAlarm } from "./board";
import { BumpBar } from "./bump-bar";
import { Check } from "./check";
import type { Kitchen } from "./kitchen";
import { Screens } from "./screens";
import type { Cut } from "./sizes";
import { baseVersion, bump, orderOf, recallTicket, tapLine, unbump } from "./taps";
import { asksForAllergy, type Ticket, type TicketLine } from "./ticket";
import { keyOf } from "./under-way";

const UNDO_MS = 5_000;
const DOUBLE_TAP_MS = 500;
const HINT_MS = 5_000;

export type Hint = "allergy_first" | "not_ready" | "muted" | "loud" | "no_answer";

/** A list at full size, over the rail: what is asked for, never what comes by itself. */
export type Drawer =
  | "all_day"
  | "bumped"
  | "on_hold"
  | "scheduled"
  | "sold_out"
  | "help"
  | "check"
  | "line"
  | "screens";

export interface Undo {
  readonly order: Order;
  readonly commands: readonly Command[];
}

export class Touch {
  readonly undoable = signal<Undo | null>(null);
  readonly hint = signal<Hint | null>(null);
  readonly bar: BumpBar;
  readonly check: Check;
  readonly screens: Screens;
  readonly drawer = signal<Drawer | null>(null);
  /** The line whose drawer is open. */
  readonly lineOpen = signal<{ readonly order: OrderId; readonly line: LineId } | null>(null);
  /** Of the screen that is to be paired. */
  readonly codeGiven = signal("");
  readonly #kitchen: Kitchen;
  readonly #touched = new Map<string, number>();
  #undo_ends: ReturnType<typeof setTimeout> | undefined;
  #hint_ends: ReturnType<typeof setTimeout> | undefined;

  constructor(kitchen: Kitchen) {
    this.#kitchen = kitchen;
    this.bar = new BumpBar(kitchen, this);
    this.check = new Check(kitchen);
    this.screens = new Screens(kitchen);
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
    } else if (this.#kitchen.choice.value?.purpose === "pass") {
      this.#handOver(ticket);
    } else {
      const commands = unbump(ticket);
      this.#acceptLines(ticket);
      this.#give(bump(ticket));
      this.#offerUndo({ order: ticket.order, commands });
    }
  }

  /** At the pass a ticket goes when all of it is ready, not before. */
  #handOver(ticket: Ticket): void {
    if (ticket.ready) {
      this.#give({ name: "order.complete", args: { order: ticket.order.id } });
      this.#offerUndo({ order: ticket.order, commands: [reopen(ticket.order)] });
    } else {
      this.say("not_ready");
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
      this.#give(...tapLine(ticket, line, this.#kitchen.shown.value));
    }
  }

  /** "OK, not cooking it": the cancelled ticket leaves this screen. */
  accept(ticket: Ticket): void {
    this.#kitchen.acknowledged.add(keyOf(ticket.order.id));
  }

  carry(cut: Cut, from: number, to: number): void {
    this.#kitchen.layout.carry(cut, from, to);
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
      const atPass = this.#kitchen.choice.value?.purpose === "pass";
      this.#give(atPass ? reopen(order) : recallTicket(order, this.#kitchen.shown.value));
    }
  }

  undo(): void {
    const undo = this.undoable.value;
    if (undo) {
      this.undoable.value = null;
      this.#give(...undo.commands);
    }
  }

  /** OK to what the key bar says: first what was refused, then an order that no screen shows. */
  ok(): void {
    const { alarms, hub } = this.#kitchen;
    const undone = hub.outbox.undone.value[0];
    const alarm = alarms.value[0];
    if (undone) {
      hub.outbox.dismiss(undone.pending.id);
    } else if (alarm) {
      this.dismissAlarm(alarm.unseen.order);
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
    const { layout } = this.#kitchen;
    layout.page.value = Math.min(layout.pages.value - 1, Math.max(0, layout.page.value + by));
    this.bar.ring.clear();
  }

  open(drawer: Drawer | null): void {
    if (this.drawer.value === "check") {
      this.check.done();
    }
    this.drawer.value = this.drawer.value === drawer ? null : drawer;
    if (this.drawer.value === "check") {
      void this.check.run();
    }
    if (this.drawer.value === "screens") {
      void this.screens.load();
    }
  }

  /** A manager came by the link that a new screen shows: the list of screens opens with its code. */
  openLink(): void {
    const code = this.screens.takeCode();
    if (code !== null) {
      this.codeGiven.value = code;
      this.open("screens");
    }
  }

  /** A line was pressed for long: what else can be done with it. */
  openLine(ticket: Ticket, line: TicketLine): void {
    if (line.mark !== "voided" && !ticket.cancelled) {
      this.lineOpen.value = { order: ticket.order.id, line: line.line.id };
      this.drawer.value = "line";
    }
  }

  /** What a list or a key asks for: one wish for each of its lines. */
  ask(...commands: readonly Command[]): void {
    this.#give(...commands);
  }

  /** Takes a dish off the menu, puts it back, or counts its portions from here. */
  setItem(item: ItemId, available: boolean, stock: number | null): void {
    this.#give({ name: "item.set", args: { item, available, stock } });
  }

  /** Closes takeaway for today, or opens it again. */
  pauseTakeaway(paused: boolean): void {
    this.#give({ name: "takeaway.pause", args: { paused } });
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

function reopen(order: Order): Command {
  return { name: "order.reopen", args: { order: order.id } };
}
