// What may be in a dish as the guest has composed it: the item's own allergens and those of the options
// that are chosen. Pure. An allergen nobody spoke of is not listed anywhere: silence says nothing.

import type { Item, MenuOption, Presence } from "../wire/types";

export interface Allergens {
  contains: string[];
  unconfirmed: string[];
  safe: string[];
}

const WORST: Record<Presence, number> = { safe: 0, unconfirmed: 1, contains: 2 };

/** The worst that the item or a chosen option says of each allergen, by name. */
export function allergensOf(
  item: Pick<Item, "allergens">,
  chosen: readonly Pick<MenuOption, "allergens">[],
): Allergens {
  const worst = new Map<string, Presence>();
  for (const part of [item, ...chosen]) {
    for (const [name, presence] of Object.entries(part.allergens)) {
      const held = worst.get(name);
      if (held === undefined || WORST[presence] > WORST[held]) worst.set(name, presence);
    }
  }
  const named = (presence: Presence) =>
    [...worst]
      .filter(([, p]) => p === presence)
      .map(([name]) => name)
      .sort();
  return { contains: named("contains"), unconfirmed: named("unconfirmed"), safe: named("safe") };
}
