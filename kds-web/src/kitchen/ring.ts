// Where the bump bar points: a slot of the page, and a line of its ticket. The ring stays on the slot, not
// on the ticket. Knows no commands. Made and driven by bump-bar.ts.

import { signal } from "@preact/signals";
import type { Kitchen } from "./kitchen";
import type { Cut } from "./sizes";
import { type Place, perPage, slotNumber } from "./slots";

export interface Focus {
  readonly cell: number | null;
  readonly line: number | null;
}

export interface Standing {
  readonly cut: Cut;
  readonly place: Place;
}

export class Ring {
  readonly focus = signal<Focus>({ cell: null, line: null });
  readonly #kitchen: Kitchen;

  constructor(kitchen: Kitchen) {
    this.#kitchen = kitchen;
  }

  /** What stands where the ring is. */
  at(cell = this.focus.value.cell): Standing | undefined {
    return cell === null
      ? undefined
      : this.#kitchen.standing.value.find(
          ({ place }) => place.cell === cell || (place.tall && place.cell + 1 === cell),
        );
  }

  /** To the slot with this number on the page. Says whether there is one. */
  toSlot(number: number): boolean {
    const room = this.#kitchen.layout.room.value;
    const cell = this.#kitchen.layout.page.value * perPage(room) + number - 1;
    const there = number <= perPage(room) && slotNumber(cell, room) === number;
    if (there) {
      this.focus.value = { cell, line: null };
    }
    return there;
  }

  toLine(line: number): void {
    this.focus.value = { cell: this.focus.value.cell, line };
  }

  /** Off the line, back to the slot. */
  offLine(): void {
    this.focus.value = { cell: this.focus.value.cell, line: null };
  }

  clear(): void {
    this.focus.value = { cell: null, line: null };
  }

  /** Out of the line, then out of the ticket. */
  leave(): void {
    const { cell, line } = this.focus.value;
    this.focus.value = { cell: line === null ? null : cell, line: null };
  }

  /** Among tickets, or up and down among the lines once a line has the ring. */
  move(across: number, down: number): void {
    const { line } = this.focus.value;
    const at = this.at();
    if (line !== null && at && down !== 0) {
      const { from, to } = at.cut;
      this.toLine(Math.min(to - 1, Math.max(from, line + down)));
      return;
    }
    const next = this.#next(across, down);
    if (next !== null) {
      this.focus.value = { cell: next, line: null };
    }
  }

  /** Takes the ticket along. */
  carry(across: number, down: number): void {
    const at = this.at();
    const next = this.#next(across, down);
    if (at && next !== null) {
      this.#kitchen.layout.carry(at.cut, at.place.cell, next);
      const place = this.#kitchen.layout.places.value.get(at.cut.key);
      this.focus.value = { cell: place?.cell ?? next, line: null };
    }
  }

  /** The cell beside the ring, if the page has one. */
  #next(across: number, down: number): number | null {
    const { cell } = this.focus.value;
    const at = this.at();
    const room = this.#kitchen.layout.room.value;
    const first = this.#kitchen.layout.page.value * perPage(room);
    const step = (at?.place.tall && down > 0 ? 2 : down) + across * room.rows;
    const next = cell === null ? first : (at?.place.cell ?? cell) + step;
    return next >= first && next < first + perPage(room) ? next : null;
  }
}
