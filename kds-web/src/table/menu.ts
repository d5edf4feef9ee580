// The menu as the phone holds it: looking up, searching, and laying the newest state of single items
// over it, so that "sold out" reaches an open page at once. Pure; knows no cart, socket or view.

import type { Category, Item, ItemId, ItemState, Localized, Menu } from "../wire/types";

/** Items by id. */
export function indexOf(menu: Menu): Map<ItemId, Item> {
  const index = new Map<ItemId, Item>();
  for (const category of menu.categories) for (const item of category.items) index.set(item.id, item);
  return index;
}

/** The menu with newer states of its items laid over it. The same object when nothing is newer. */
export function withStates(menu: Menu, states: ReadonlyMap<ItemId, ItemState>): Menu {
  if (states.size === 0) return menu;
  const categories = menu.categories.map((category) => categoryWith(category, states));
  return categories.every((category, n) => category === menu.categories[n]) ? menu : { ...menu, categories };
}

function categoryWith(category: Category, states: ReadonlyMap<ItemId, ItemState>): Category {
  const items = category.items.map((item) => itemWith(item, states.get(item.id)));
  return items.every((item, n) => item === category.items[n]) ? category : { ...category, items };
}

function itemWith(item: Item, state: ItemState | undefined): Item {
  if (state === undefined || state.version <= item.version) return item;
  const { name, price, available, stock, version } = state;
  return { ...item, name, price, available, stock, version };
}

/** The states with one more; an older one than the held is ignored (L5). */
export function addState(
  states: ReadonlyMap<ItemId, ItemState>,
  state: ItemState,
): ReadonlyMap<ItemId, ItemState> {
  const held = states.get(state.id);
  if (held !== undefined && held.version >= state.version) return states;
  return new Map(states).set(state.id, state);
}

/** Can a portion be ordered: the item is there, and every question it must ask has enough answers left. */
export function orderable(item: Item): boolean {
  if (!item.available || item.stock === 0) return false;
  return item.option_groups.every(
    (group) => group.options.filter((option) => option.available).length >= group.min,
  );
}

/** Few enough left to say so. */
export const LOW_STOCK = 5;

export function lowStock(item: Item): number | null {
  return orderable(item) && item.stock !== null && item.stock <= LOW_STOCK ? item.stock : null;
}

/** Text as it is compared in a search: without case and accents. */
export function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * The menu's parts that match every word of a query, in any of their languages, in menu order.
 * A category whose name matches gives all its items.
 */
export function search(menu: Menu, query: string): Category[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return menu.categories;
  const found: Category[] = [];
  for (const category of menu.categories) {
    const under = textOf(category.name);
    const items = category.items.filter((item) => {
      const text = ` ${under} ${textOf(item.name)} ${textOf(item.description)} ${plain(item.diets.join(" "))}`;
      return words.every((word) => text.includes(` ${word}`) || (word.length > 3 && text.includes(word)));
    });
    if (items.length > 0) found.push({ ...category, items });
  }
  return found;
}

function textOf(text: Localized): string {
  return plain(Object.values(text).join(" ")).replace(/[^\p{L}\p{N}]+/gu, " ");
}
