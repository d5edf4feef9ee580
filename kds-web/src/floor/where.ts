// Where a waiter is on the page, kept in the browser's history so that the phone's back button leaves a table
// and not the page. Knows no view.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { TableId } from "../wire/types";

export type Tab = "tables" | "calls" | "dishes";
export type Sheet = "close" | "move" | "language" | "inbox" | "messages";

export interface Where {
  readonly tab: Tab;
  readonly table: TableId | null;
  /** An order is being taken for the table. */
  readonly ordering: boolean;
  readonly sheet: Sheet | null;
}

const START: Where = { tab: "tables", table: null, ordering: false, sheet: null };

export class Way {
  readonly #where = signal<Where>(read(history.state));

  constructor() {
    addEventListener("popstate", this.#popped);
  }

  get now(): ReadonlySignal<Where> {
    return this.#where;
  }

  /** A step that "back" takes back. */
  go(change: Partial<Where>): void {
    this.#where.value = { ...this.#where.value, ...change };
    history.pushState({ floor: this.#where.value, deep: depth() + 1 }, "");
  }

  /** Tabs are places beside each other: back leads to where it led before. */
  tab(tab: Tab): void {
    this.#where.value = { ...START, tab };
    history.replaceState({ floor: this.#where.value, deep: depth() }, "");
  }

  back(): void {
    if (depth() > 0) history.back();
    else this.tab("tables");
  }

  close(): void {
    removeEventListener("popstate", this.#popped);
  }

  readonly #popped = (event: PopStateEvent): void => {
    this.#where.value = read(event.state);
  };
}

function depth(): number {
  const deep = (history.state as { deep?: unknown } | null)?.deep;
  return typeof deep === "number" ? deep : 0;
}

function read(state: unknown): Where {
  const where = (state as { floor?: Partial<Where> } | null)?.floor;
  return where ? { ...START, ...where } : START;
}
