// Where the tickets of this screen stand now: places, page, pins. Connects the pure rules of `slots.ts` with
// signals, and keeps the pins of this device. Knows no board and no view. Called by kitchen.ts.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { recall, remember } from "../storage";
import type { OrderId } from "../wire/types";
import type { Cut, Room } from "./sizes";
import { carried, NOWHERE, type Place, type Places, pagesOf, perPage, placed } from "./slots";

/** A cell that grew or shrank by less holds the same tickets. */
const SAME_REM = 0.5;

export class Layout {
  readonly room = signal<Room>({ columns: 6, rows: 2, cell_rem: 29, column_rem: 16.6 });
  readonly page = signal(0);
  readonly #slug: string;
  readonly #places = signal<Places>(NOWHERE);
  readonly #pinned;
  #left = new Map<string, Place>();

  constructor(slug: string) {
    this.#slug = slug;
    const kept = (recall(`pins.${slug}`) ?? "").split(" ").filter((id) => id !== "");
    this.#pinned = signal<ReadonlySet<OrderId>>(new Set(kept));
  }

  get places(): ReadonlySignal<Places> {
    return this.#places;
  }

  /** Tickets that keep their slot when gaps are closed. */
  get pinned(): ReadonlySignal<ReadonlySet<OrderId>> {
    return this.#pinned;
  }

  readonly pages: ReadonlySignal<number> = computed(() => pagesOf(this.#places.value, this.room.value));

  /** Forgets where everything stood: other stations are shown. */
  clear(): void {
    this.page.value = 0;
    this.#places.value = NOWHERE;
    this.#left.clear();
  }

  /** Gives every ticket its place: those that have one keep it. */
  place(cuts: readonly Cut[]): void {
    const before = this.#places.peek();
    const room = this.room.value;
    const promote = this.page.value === 0;
    const next = placed(before, cuts, room, { promote, left: this.#left });
    for (const [key, place] of before) {
      if (!next.has(key)) {
        this.#left.set(key, place);
      }
    }
    for (const key of next.keys()) {
      this.#left.delete(key);
    }
    this.#left = new Map([...this.#left].slice(-perPage(room)));
    if (!samePlaces(before, next)) {
      this.#places.value = next;
    }
    this.page.value = Math.min(this.page.peek(), pagesOf(next, room) - 1);
  }

  /** T: closes the gaps, when the chef asks; what is pinned stays. */
  tidy(cuts: readonly Cut[]): void {
    const pinned = this.#pinned.peek();
    const kept = cuts.filter((cut) => pinned.has(cut.ticket.order.id)).map((cut) => cut.key);
    const stays = [...this.#places.peek()].filter(([key]) => kept.includes(key));
    this.#left.clear();
    this.#places.value = placed(new Map(stays), cuts, this.room.peek(), { promote: true, left: NOWHERE });
  }

  /** The slots have another size now: everything is cut and laid out anew. */
  resize(room: Room, cuts: () => readonly Cut[]): void {
    const before = this.room.peek();
    const other = (a: number, b: number) => Math.abs(a - b) > SAME_REM;
    batch(() => {
      this.room.value = room;
      const grid = before.columns !== room.columns || before.rows !== room.rows;
      if (grid || other(before.cell_rem, room.cell_rem) || other(before.column_rem, room.column_rem)) {
        this.page.value = 0;
        this.#places.value = NOWHERE;
        this.tidy(cuts());
      }
    });
  }

  /** A hand carries what stands in a cell to another one, and so pins it. */
  carry(cut: Cut, from: number, to: number): void {
    if (from !== to && to >= 0) {
      this.#places.value = carried(this.#places.peek(), from, to, this.room.peek());
      this.#pin(new Set([...this.#pinned.peek(), cut.ticket.order.id]));
    }
  }

  /** Pins a ticket, or lets it go. */
  togglePin(order: OrderId): void {
    const pins = new Set(this.#pinned.peek());
    if (!pins.delete(order)) {
      pins.add(order);
    }
    this.#pin(pins);
  }

  /** Only tickets that stand here can be pinned: others are forgotten with the next pin. */
  #pin(pins: ReadonlySet<OrderId>): void {
    const standing = [...pins].filter((id) => this.#places.peek().has(id));
    this.#pinned.value = new Set(standing);
    remember(`pins.${this.#slug}`, standing.join(" "));
  }
}

function samePlaces(a: Places, b: Places): boolean {
  return (
    a.size === b.size &&
    [...a].every(([key, place]) => b.get(key)?.cell === place.cell && b.get(key)?.tall === place.tall)
  );
}
