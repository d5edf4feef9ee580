// What a guest does not eat, and how it sorts the menu: an allergen to stay away from, a diet to keep to. Only
// what the restaurant confirmed to be free of it counts as free; silence says nothing. Pure; kept on this
// phone by the page, never sent anywhere (the allergy that goes with an order is said in the cart).

import type { Category, Item, Menu } from "../wire/types";
import { allergensOf } from "./allergens";

/** The fourteen of Regulation (EU) No 1169/2011, Annex II, as the menu names them. */
export const ALLERGENS = [
  "gluten",
  "crustaceans",
  "eggs",
  "fish",
  "peanuts",
  "soybeans",
  "milk",
  "nuts",
  "celery",
  "mustard",
  "sesame",
  "sulphites",
  "lupin",
  "molluscs",
] as const;

export interface Wish {
  readonly avoid: readonly string[];
  readonly diets: readonly string[];
  /** Only dishes that are confirmed to be free of it. */
  readonly strict: boolean;
}

export const NO_WISH: Wish = { avoid: [], diets: [], strict: false };

export function wishes(wish: Wish): boolean {
  return wish.avoid.length + wish.diets.length > 0;
}

/** `free`: confirmed. `ask`: nobody confirmed it. `not`: it is in there, or not of the diet. */
export type Fit = "free" | "ask" | "not";

export function fitOf(item: Pick<Item, "allergens" | "diets">, wish: Wish): Fit {
  if (!wish.diets.every((diet) => keeps(item, diet))) return "not";
  const { contains, safe } = allergensOf(item, []);
  if (wish.avoid.some((name) => contains.includes(name))) return "not";
  return wish.avoid.every((name) => safe.includes(name)) ? "free" : "ask";
}

/** What is vegan is vegetarian, too. */
function keeps({ diets }: Pick<Item, "diets">, diet: string): boolean {
  return diets.includes(diet) || (diet === "vegetarian" && diets.includes("vegan"));
}

export interface Sorted {
  readonly categories: readonly Category[];
  /** Dishes that the wish takes away. */
  readonly hidden: number;
}

export function sortedBy(categories: readonly Category[], wish: Wish): Sorted {
  if (!wishes(wish)) return { categories, hidden: 0 };
  const shows = (item: Item) => {
    const fit = fitOf(item, wish);
    return fit === "free" || (fit === "ask" && !wish.strict);
  };
  let hidden = 0;
  const left = categories.flatMap((category) => {
    const items = category.items.filter(shows);
    hidden += category.items.length - items.length;
    return items.length > 0 ? [{ ...category, items }] : [];
  });
  return { categories: left, hidden };
}

/** Diets that some dish of the menu keeps to, in the order in which they first come. */
export function dietsOf(menu: Menu): string[] {
  const items = menu.categories.flatMap((category) => category.items);
  return [...new Set(items.flatMap((item) => item.diets))];
}

export function toggledIn(list: readonly string[], name: string): readonly string[] {
  return list.includes(name) ? list.filter((other) => other !== name) : [...list, name];
}

/** As it was remembered; anything else is no wish. */
export function wishFrom(text: string | null): Wish {
  try {
    const { avoid, diets, strict } = JSON.parse(text ?? "") as Partial<Wish>;
    const names = (list: unknown) =>
      Array.isArray(list) ? list.filter((name): name is string => typeof name === "string") : [];
    return { avoid: names(avoid), diets: names(diets), strict: strict === true };
  } catch {
    return NO_WISH;
  }
}
