// What a key does: moves the ring, and does to what stands there as a hand would. A bump bar is a keyboard;
// which key is which is this device's own. Knows no view. Made by touch.ts.

import { signal } from "@preact/signals";
import { recall, remember } from "../storage";
import type { Command } from "../wire/types";
import { type Action, DEFAULT_KEYS, type KeyMap, mapFrom } from "./keys";
import { nextOnly } from "./kinds";
import type { Kitchen } from "./kitchen";
import { Ring } from "./ring";
import { asksForAllergy, type Ticket } from "./ticket";
import type { Touch } from "./touch";

export class BumpBar {
  readonly ring: Ring;
  readonly keys = signal<KeyMap>(mapFrom(recall("keys")));
  /** A slot's key bumps it at once, instead of pointing at it. */
  readonly bumpsAtOnce = signal(recall("bumps_at_once") === "yes");
  /** The cell of the ticket that is being printed. */
  readonly printing = signal<number | null>(null);
  readonly #kitchen: Kitchen;
  readonly #touch: Touch;

  constructor(kitchen: Kitchen, touch: Touch) {
    this.#kitchen = kitchen;
    this.#touch = touch;
    this.ring = new Ring(kitchen);
  }

  useKeys(map: KeyMap): void {
    this.keys.value = map;
    remember("keys", map === DEFAULT_KEYS ? null : JSON.stringify(map));
  }

  bumpAtOnce(at_once: boolean): void {
    this.bumpsAtOnce.value = at_once;
    remember("bumps_at_once", at_once ? "yes" : null);
  }

  /** What a key means here. */
  act(action: Action): void {
    switch (action.do) {
      case "slot":
        if (this.ring.toSlot(action.number) && this.bumpsAtOnce.value) {
          this.#bumpFocused();
        }
        break;
      case "carry":
        this.ring.carry(action.across * forward(), action.down);
        break;
      case "left":
        this.ring.move(-forward(), 0);
        break;
      case "right":
        this.ring.move(forward(), 0);
        break;
      case "up":
        this.ring.move(0, -1);
        break;
      case "down":
        this.ring.move(0, 1);
        break;
      default:
        this.#actOn(action.do);
    }
  }

  #actOn(act: Exclude<Action["do"], "slot" | "carry" | "left" | "right" | "up" | "down">): void {
    switch (act) {
      case "page_back":
        this.#touch.turn(-1);
        break;
      case "page_on":
        this.#touch.turn(1);
        break;
      case "first_page":
        this.#touch.turn(-this.#kitchen.layout.page.value);
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
      case "hold":
      case "fire":
        this.#holdFocused(act === "hold");
        break;
      case "more":
        this.#moreFocused();
        break;
      case "pin":
        this.#pinFocused();
        break;
      case "print":
        this.#printFocused();
        break;
      case "recall":
        this.#recallLast();
        break;
      case "undo":
        this.#touch.undo();
        break;
      case "mute":
        this.#touch.mute();
        break;
      case "ok":
        this.#touch.ok();
        break;
      case "kinds": {
        const { only, counts } = this.#kitchen;
        this.#kitchen.showOnly(nextOnly(only.value, counts.value));
        break;
      }
      case "tidy":
        this.#kitchen.layout.tidy(this.#kitchen.cuts.value);
        break;
      case "all_day":
      case "bumped":
      case "on_hold":
      case "scheduled":
      case "sold_out":
      case "check":
      case "help":
        this.#touch.open(act);
        break;
    }
  }

  #leave(): void {
    if (this.#touch.drawer.value) {
      this.#touch.open(null);
    } else {
      this.ring.leave();
    }
  }

  #bumpFocused(): void {
    const at = this.ring.at();
    if (at) {
      this.#touch.bump(at.cut.ticket, at.place.cell);
      this.ring.offLine();
    }
  }

  #rushFocused(): void {
    const order = this.ring.at()?.cut.ticket.order;
    if (order) {
      this.#touch.ask({ name: "order.rush", args: { order: order.id, rush: !order.rush } });
    }
  }

  /** The line under the ring, or all lines of the ticket that nobody began. */
  #holdFocused(hold: boolean): void {
    const at = this.ring.at();
    const chosen = at?.cut.ticket.lines[this.ring.focus.value.line ?? -1];
    const lines = chosen ? [chosen] : (at?.cut.ticket.lines ?? []);
    const able = lines.filter((line) => (hold ? line.mark === "queued" && !line.held : line.held));
    const name = hold ? "line.hold" : "line.fire";
    this.#touch.ask(
      ...able.map(
        ({ line }): Command => ({ name, args: { order: at?.cut.ticket.order.id ?? "", line: line.id } }),
      ),
    );
  }

  #moreFocused(): void {
    const at = this.ring.at();
    const line = at?.cut.ticket.lines[this.ring.focus.value.line ?? at.cut.from];
    if (at && line) {
      this.#touch.openLine(at.cut.ticket, line);
    }
  }

  #pinFocused(): void {
    const order = this.ring.at()?.cut.ticket.order;
    if (order) {
      this.#kitchen.layout.togglePin(order.id);
    }
  }

  /** The browser prints what the page marks: the one ticket. */
  #printFocused(): void {
    const at = this.ring.at();
    if (at) {
      this.printing.value = at.place.cell;
      requestAnimationFrame(() => {
        print();
        this.printing.value = null;
      });
    }
  }

  #recallLast(): void {
    const last = this.#kitchen.finished.value[0];
    if (last) {
      this.#touch.recall(last.order);
    }
  }

  /** First what the ticket asks, then its lines: into them, and on with the one that has the ring. */
  #enter(): void {
    const at = this.ring.at();
    const { line } = this.ring.focus.value;
    if (!at) {
      return;
    }
    const { ticket, from, to } = at.cut;
    const chosen = line === null ? undefined : ticket.lines[line];
    if (chosen) {
      this.#touch.line(ticket, chosen);
    } else if (!this.#answer(ticket)) {
      const open = ticket.lines.findIndex(
        (l, i) => i >= from && i < to && (l.mark === "queued" || l.mark === "started" || l.asks),
      );
      if (from < to) {
        this.ring.toLine(open < 0 ? from : open);
      }
    }
  }

  /** What the ticket asks of the kitchen, answered with yes. Says whether it asked. */
  #answer(ticket: Ticket): boolean {
    if (ticket.cancelled) {
      this.#touch.accept(ticket);
    } else if (asksForAllergy(ticket.order)) {
      this.#touch.confirmAllergy(ticket);
    } else if (ticket.order.state === "pending") {
      this.#touch.take(ticket);
    } else {
      return false;
    }
    return true;
  }
}

/** Where the right arrow leads: slots count from the right where one reads from the right. */
function forward(): 1 | -1 {
  return document.documentElement.dir === "rtl" ? -1 : 1;
}
