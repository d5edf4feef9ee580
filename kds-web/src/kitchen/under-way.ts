// Taps on their way: given here, and not yet part of the board. With them the board is what it will be once
// every tap is done, so a tap is drawn at once. Knows no socket: what waits is handed in. Made by kitchen.ts.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { clock } from "../time";
import type { CommandId, LineId, Order, OrderId } from "../wire/types";
import type { Board } from "./board";
import { split } from "./scheduled";
import { afterItemTap, afterPause, afterTap, lineOf, orderOf, type Tap } from "./taps";

/** A tap that was answered; its event is on the way. */
interface Settling extends Tap {
  readonly id: CommandId;
  readonly seq: number;
}

export type Waiting = Tap & { readonly id: CommandId };

/** How this restaurant stands with takeaway; `none`: it takes no such orders. */
export type Takeaway = "none" | "open" | "paused";

/** Which orders and lines have a tap that waits for its answer. */
export interface Unsent {
  has(order: OrderId, line?: LineId): boolean;
  /** All of the order's, as one text that changes with them. */
  of(order: OrderId): string;
}

export class UnderWay {
  readonly #board: ReadonlySignal<Board | null>;
  readonly #waiting: ReadonlySignal<readonly Waiting[]>;
  readonly #seq: () => number;
  readonly #settling = signal<readonly Settling[]>([]);

  /** `waiting` has no answer yet; `seq` is the newest event that the board contains. */
  constructor(
    board: ReadonlySignal<Board | null>,
    waiting: ReadonlySignal<readonly Waiting[]>,
    seq: () => number,
  ) {
    this.#board = board;
    this.#waiting = waiting;
    this.#seq = seq;
  }

  /** Taps whose event is not here: answered ones first, because they were made first. */
  readonly taps: ReadonlySignal<readonly Tap[]> = computed(() => [
    ...this.#settling.value,
    ...this.#waiting.value,
  ]);

  /** Orders as they will be once every tap is done, also those that wait for their time. */
  readonly #all: ReadonlySignal<readonly Order[]> = computed(() => {
    const taps = this.taps.value;
    const orders = [...(this.#board.value?.orders.values() ?? [])];
    if (taps.length === 0) {
      return orders;
    }
    return orders.map((order) =>
      taps.filter((tap) => orderOf(tap.command) === order.id).reduce(afterTap, order),
    );
  });

  readonly #split = computed(() => split(this.#all.value));

  /** What the kitchen has. */
  readonly orders: ReadonlySignal<readonly Order[]> = computed(() => this.#split.value.here);

  /** What waits for its time, the first to begin first. */
  readonly scheduled: ReadonlySignal<readonly Order[]> = computed(() => this.#split.value.later);

  /** What the menu says of each dish, as it will be once every tap is done. */
  readonly dishes: ReadonlySignal<Board["dishes"]> = computed(() =>
    this.taps.value.reduce(afterItemTap, this.#board.value?.dishes ?? new Map()),
  );

  /** Takeaway as it will be once every tap is done. */
  readonly takeaway: ReadonlySignal<Takeaway> = computed(() => {
    const takeaway = this.#board.value?.restaurant.settings.takeaway;
    if (!takeaway?.on) {
      return "none";
    }
    const now = Date.parse(takeaway.paused_until ?? "") > clock.value;
    return this.taps.value.reduce(afterPause, now) ? "paused" : "open";
  });

  readonly unsent: ReadonlySignal<Unsent> = computed(() => {
    const keys = new Set(
      this.#waiting.value.flatMap(({ command }) => keysOf(orderOf(command), lineOf(command))),
    );
    return {
      has: (order, line) => keys.has(keyOf(order, line)),
      of: (order) => (keys.size === 0 ? "" : [...keys].filter((key) => key.startsWith(order)).join()),
    };
  });

  /** A tap was answered by the event `seq`. */
  answered(id: CommandId, seq: number): void {
    const waited = this.#waiting.peek().find((tap) => tap.id === id);
    if (waited && seq > this.#seq()) {
      const { command, made_at } = waited;
      this.#settling.value = [...this.#settling.value, { id, command, made_at, seq }];
    }
  }

  /** An answered tap steps back once the board contains it. */
  settle(): void {
    const seq = this.#seq();
    const settling = this.#settling.peek();
    const left = settling.filter((tap) => tap.seq > seq);
    if (left.length !== settling.length) {
      this.#settling.value = left;
    }
  }
}

export function keyOf(order: OrderId, line?: LineId): string {
  return line ? `${order}/${line}` : order;
}

function keysOf(order: OrderId | null, line: LineId | null): string[] {
  return order === null ? [] : [keyOf(order, line ?? undefined)];
}
