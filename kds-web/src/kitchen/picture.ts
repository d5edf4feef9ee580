// What this screen holds of the restaurant: the board as the server told it, or, until there is news, as this
// device had kept it. Says how old that is. Knows no taps and no tickets. Made by kitchen.ts.

import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import { menu, ordersBefore } from "../wire/http";
import type { EventMessage, OrderView, Snapshot } from "../wire/types";
import { afterEvent, type Board, fromSnapshot, withEnded, withMenu, withOrder } from "./board";
import { keepBoard, keptBoard } from "./kept";

/** The picture is kept on the device this often at most. */
const KEEP_MS = 3_000;
/** What follows a snapshot belongs to it: a picture is kept this long after its first change. */
const WHOLE_MS = 200;
/** Pages that hold nothing new are passed over, so many at a time. */
const PAGES_AT_A_TIME = 10;

export class Picture {
  readonly board = signal<Board | null>(null);
  readonly #slug: string;
  /** Whose picture it is, on this device. */
  readonly #box: string;
  /** When the picture that the device had kept was the truth, while there is no newer one. */
  readonly #kept_at = signal<number | null>(null);
  #keeping: ReturnType<typeof setTimeout> | undefined;
  /**
   * Where the list of earlier orders goes on, as the server said; `null`: nowhere. It begins with the newest,
   * because what a screen holds has gaps: orders that ended long ago, beside older ones that are still open.
   */
  #earlier: string | null | undefined;
  /** When the picture was kept last, by the page's own clock. */
  #last_ms = Number.NEGATIVE_INFINITY;
  readonly #stops: (() => void)[] = [];

  constructor(slug: string, person: string) {
    this.#slug = slug;
    this.#box = `${slug}/${person}`;
  }

  /** By this device's clock; `null` once the server has told the picture. */
  get kept_at(): ReadonlySignal<number | null> {
    return this.#kept_at;
  }

  /** `restored`: the device had a picture, and it is shown now. */
  start(restored: () => void): void {
    this.#stops.push(
      effect(() => this.#keep()),
      () => clearTimeout(this.#keeping),
    );
    void this.#restore(restored);
    void this.#readMenu();
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) {
      stop();
    }
  }

  replaced(snapshot: Snapshot): void {
    if (snapshot.of === "kitchen") {
      this.#kept_at.value = null;
      this.#earlier = undefined;
      this.board.value = fromSnapshot(snapshot, this.board.peek());
    }
  }

  happened(event: EventMessage): void {
    const board = this.board.peek();
    if (board) {
      this.board.value = afterEvent(board, event);
    }
  }

  /** An order as a refusal showed it. */
  corrected(order: OrderView): void {
    const board = this.board.peek();
    if (board) {
      this.board.value = withOrder(board, order);
    }
  }

  /** More of what ended earlier in the shift. Says whether there is more still. */
  async earlier(token: string): Promise<boolean> {
    for (let pages = 0; pages < PAGES_AT_A_TIME && this.#earlier !== null; pages += 1) {
      const { orders, next } = await ordersBefore(token, this.#earlier);
      const before = this.board.peek();
      this.#earlier = next ?? null;
      const after = before && withEnded(before, orders);
      if (before && after && after.orders.size > before.orders.size) {
        this.board.value = after;
        break;
      }
    }
    return this.#earlier !== null;
  }

  /** A screen that starts shows what it had, as old as it is, until there is news. */
  async #restore(restored: () => void): Promise<void> {
    const kept = await keptBoard(this.#box);
    if (kept && this.board.peek() === null) {
      batch(() => {
        this.#kept_at.value = kept.at_ms;
        restored();
        this.board.value = { ...fromSnapshot(kept.snapshot, null), dishes: kept.dishes };
      });
    }
  }

  #keep(): void {
    if (this.board.value && this.#kept_at.peek() === null) {
      const wait_ms = Math.max(WHOLE_MS, this.#last_ms + KEEP_MS - performance.now());
      this.#keeping ??= setTimeout(() => {
        this.#keeping = undefined;
        this.#last_ms = performance.now();
        const board = this.board.peek();
        if (board) {
          void keepBoard(this.#box, board, Date.now());
        }
      }, wait_ms);
    }
  }

  /** Only for the order of dishes and what is sold out: a kitchen works without. */
  async #readMenu(): Promise<void> {
    try {
      const { menu: read } = await menu(this.#slug);
      this.#stops.push(
        effect(() => {
          const board = this.board.value;
          if (board && board.dishes.size === 0) {
            this.board.value = withMenu(board, read);
          }
        }),
      );
    } catch (error) {
      console.warn("The menu could not be read; dishes are counted in the order they came.", error);
    }
  }
}
