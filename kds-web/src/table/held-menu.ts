// The menu as one tab holds it: the last one kept on the phone at once, a newer one when there is one,
// and single items as the socket changes them. A newer menu is fetched late and at a random moment when
// nothing waits for it, because the same event reaches every phone of the restaurant.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { menu as fetchMenu, type TaggedMenu } from "../wire/http";
import type { Item, ItemId, ItemState, Menu } from "../wire/types";
import { earlyMenu } from "./early";
import type { Keeping } from "./keeping";
import { addState, indexOf, withStates } from "./menu";

/** Without any menu there is nothing to see: asked for again soon. */
const AGAIN_MS = 3_000;
const LAZY_LEAST_MS = 2_000;
const LAZY_MOST_MS = 20_000;

export class HeldMenu {
  readonly #keeping: Keeping;
  readonly #fetched = signal<TaggedMenu | null>(null);
  readonly #states = signal<ReadonlyMap<ItemId, ItemState>>(new Map());
  /** There is no menu, and the last try to fetch one failed. */
  readonly failing = signal(false);
  #slug: string | null = null;
  #fetching: Promise<boolean> | null = null;
  #lazy: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  readonly menu: ReadonlySignal<Menu | null> = computed(() => {
    const held = this.#fetched.value;
    return held && withStates(held.menu, this.#states.value);
  });
  readonly items: ReadonlySignal<ReadonlyMap<ItemId, Item>> = computed(() => {
    const menu = this.menu.value;
    return menu ? indexOf(menu) : new Map();
  });

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
  }

  /** Shows the kept menu of a restaurant, if there is one. */
  async open(slug: string): Promise<void> {
    if (this.#slug === slug) return;
    this.#slug = slug;
    const kept = await this.#keeping.menu(slug);
    if (kept && this.#slug === slug && this.#fetched.value === null) this.#fetched.value = kept;
  }

  /** Fetches the menu if it is newer; `false` when there was no answer. */
  refresh(): Promise<boolean> {
    clearTimeout(this.#lazy);
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  /** There is a menu of this version. */
  heardOf(version: number, when: "now" | "lazily"): void {
    const held = this.#fetched.value;
    if (held !== null && held.menu.version >= version) return;
    if (when === "now") void this.refresh();
    else this.#refreshLate();
  }

  itemChanged(state: ItemState): void {
    this.#states.value = addState(this.#states.value, state);
    this.heardOf(state.menu_version, "lazily");
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#lazy);
  }

  #refreshLate(): void {
    clearTimeout(this.#lazy);
    const wait_ms = LAZY_LEAST_MS + Math.random() * (LAZY_MOST_MS - LAZY_LEAST_MS);
    this.#lazy = setTimeout(() => {
      if (document.visibilityState === "visible") void this.refresh();
      else document.addEventListener("visibilitychange", () => this.#refreshLate(), { once: true });
    }, wait_ms);
  }

  async #fetch(): Promise<boolean> {
    const slug = this.#slug;
    if (slug === null) return false;
    try {
      const held = this.#fetched.value ?? undefined;
      const early = held === undefined ? earlyMenu() : null;
      const fetched = (await early?.catch(() => undefined)) ?? (await fetchMenu(slug, held));
      if (fetched !== held && slug === this.#slug) {
        this.#fetched.value = fetched;
        await this.#keeping.putMenu(slug, fetched);
      }
      this.failing.value = false;
      return true;
    } catch {
      if (this.#fetched.value === null && !this.#closed) {
        this.failing.value = true;
        this.#lazy = setTimeout(() => void this.refresh(), AGAIN_MS);
      }
      return false;
    }
  }
}
