// Which view the page shows, kept in the browser's history, so that the phone's back button closes a
// sheet and not the page, and a reload comes back to the same place. Knows no view from inside.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ItemId } from "../wire/types";

export type View =
  | { readonly is: "menu" }
  | {
      readonly is: "item";
      readonly item: ItemId /** The cart's line that is being changed. */;
      readonly line: string | null;
    }
  | { readonly is: "cart" }
  /** By the id of the order, or of the kept one that is to become it. */
  | { readonly is: "order"; readonly order: string }
  | { readonly is: "bill" }
  | { readonly is: "receipt" }
  | { readonly is: "call" }
  | { readonly is: "wish" }
  | { readonly is: "language" }
  /** Takeaway only. */
  | { readonly is: "pickup" }
  | { readonly is: "phone" }
  | { readonly is: "orders" };

const MENU: View = { is: "menu" };
const KINDS: readonly string[] = [
  "menu",
  "item",
  "cart",
  "order",
  "bill",
  "receipt",
  "call",
  "wish",
  "language",
  "pickup",
  "phone",
  "orders",
] satisfies View["is"][];

/** Views that lie over another one as a sheet. */
const SHEETS: readonly View["is"][] = ["item", "language", "call", "wish"];

export function isSheet(view: View): boolean {
  return SHEETS.includes(view.is);
}

interface Entry {
  /** The views from the menu to this one. */
  readonly comanda: readonly View[];
}

export class Views {
  readonly #stack = signal<readonly View[]>(read(history.state));

  constructor() {
    addEventListener("popstate", this.#popped);
  }

  get stack(): ReadonlySignal<readonly View[]> {
    return this.#stack;
  }

  get now(): View {
    return this.#stack.value.at(-1) ?? MENU;
  }

  open(view: View): void {
    this.#stack.value = [...this.#stack.value, view];
    history.pushState(entry(this.#stack.value), "");
  }

  /** Puts another view in this one's place: back leads to where it led before. */
  replace(view: View): void {
    this.#stack.value = [...this.#stack.value.slice(0, -1), view];
    history.replaceState(entry(this.#stack.value), "");
  }

  back(): void {
    if (this.#stack.value.length > 1) history.back();
  }

  /** Back to the menu, however deep. */
  home(): void {
    const deep = this.#stack.value.length - 1;
    if (deep > 0) history.go(-deep);
  }

  close(): void {
    removeEventListener("popstate", this.#popped);
  }

  readonly #popped = (event: PopStateEvent): void => {
    this.#stack.value = read(event.state);
  };
}

function entry(stack: readonly View[]): Entry {
  return { comanda: stack };
}

function read(state: unknown): readonly View[] {
  const stack = (state as Partial<Entry> | null)?.comanda;
  const good = Array.isArray(stack) && stack.length > 0 && stack.every((view) => KINDS.includes(view?.is));
  return good ? (stack as View[]) : [MENU];
}
