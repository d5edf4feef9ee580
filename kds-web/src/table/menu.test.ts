import { describe, expect, test } from "vitest";
import { allergensOf } from "./allergens";
import { group, item, menu } from "./fixtures";
import { addState, lowStock, orderable, search, withStates } from "./menu";
import { pictureOf } from "./pictures";

const state = (id: string, version: number, available: boolean) =>
  ({ id, version, available, name: { en: id }, price: 1000, stock: null, menu_version: 2 }) as const;

describe("states of items", () => {
  const card = menu([item("a"), item("b", { version: 3 })]);

  test("a newer state is laid over, an older one is not", () => {
    const states = new Map([
      ["a", state("a", 2, false)],
      ["b", state("b", 2, false)],
    ]);
    const items = withStates(card, states).categories[0]?.items ?? [];
    expect(items.map(({ available }) => available)).toEqual([false, true]);
  });

  test("nothing newer leaves the very same menu", () => {
    expect(withStates(card, new Map([["b", state("b", 3, false)]]))).toBe(card);
  });

  test("states only ever get newer", () => {
    const held = addState(new Map(), state("a", 5, false));
    expect(addState(held, state("a", 5, true))).toBe(held);
    expect(addState(held, state("a", 6, true)).get("a")?.available).toBe(true);
  });
});

test("a dish can be ordered only while every question has enough answers left", () => {
  const sides = group("side", 1, 1, ["rice"]);
  const gone = { ...sides, options: sides.options.map((option) => ({ ...option, available: false })) };
  expect(orderable(item("a", { option_groups: [sides] }))).toBe(true);
  expect(orderable(item("a", { option_groups: [gone] }))).toBe(false);
  expect(orderable(item("a", { stock: 0 }))).toBe(false);
  expect(lowStock(item("a", { stock: 2 }))).toBe(2);
  expect(lowStock(item("a", { stock: 40 }))).toBeNull();
});

describe("search", () => {
  const card = menu([
    item("1", { name: { en: "Padrón peppers", es: "Pimientos de Padrón" }, description: { en: "Sea salt" } }),
    item("2", { name: { en: "Sea bass", es: "Lubina" } }),
    item("3", { name: { en: "Ribeye" }, diets: ["gluten_free"] }),
  ]);
  const found = (query: string) => search(card, query).flatMap(({ items }) => items.map(({ id }) => id));

  test("without accents and case, in every language, every word", () => {
    expect(found("PADRON")).toEqual(["1"]);
    expect(found("lubi")).toEqual(["2"]);
    expect(found("sea sal")).toEqual(["1"]);
    expect(found("sea")).toEqual(["1", "2"]);
    expect(found("gluten")).toEqual(["3"]);
  });

  test("a category gives its items, nothing gives everything, nonsense nothing", () => {
    expect(found("parrilla")).toEqual(["1", "2", "3"]);
    expect(found("  ")).toEqual(["1", "2", "3"]);
    expect(found("zzz")).toEqual([]);
  });
});

test("the worst that a dish or a chosen option says of an allergen counts", () => {
  const dish = { allergens: { milk: "safe", celery: "unconfirmed", gluten: "contains" } } as const;
  expect(allergensOf(dish, [{ allergens: { milk: "contains", gluten: "safe" } }])).toEqual({
    contains: ["gluten", "milk"],
    unconfirmed: ["celery"],
    safe: [],
  });
});

test("pictures go by the dish, then by its category, and never guess inside a word", () => {
  const named = (en: string, under: string) => pictureOf({ name: { en } }, { name: { en: under } });
  expect(named("Grilled trout", "Grill")).toBe("fish");
  expect(named("Chef's choice", "Grill")).toBe("steak");
  expect(named("Eggplant", "Starters")).toBe("vegetable");
  expect(named("Decode", "Specials")).toBe("plate");
});
