import { expect, test } from "vitest";
import { item, menu } from "./fixtures";
import { dietsOf, fitOf, NO_WISH, sortedBy, wishFrom } from "./wish";

const nuts = { ...NO_WISH, avoid: ["nuts"] };

test("only what was confirmed is free; silence and doubt are to be asked about", () => {
  expect(fitOf(item("a", { allergens: { nuts: "safe" } }), nuts)).toBe("free");
  expect(fitOf(item("a", { allergens: { nuts: "unconfirmed" } }), nuts)).toBe("ask");
  expect(fitOf(item("a"), nuts)).toBe("ask");
  expect(fitOf(item("a", { allergens: { nuts: "contains" } }), nuts)).toBe("not");
  expect(fitOf(item("a"), NO_WISH)).toBe("free");
});

test("a diet is kept by those dishes that say so, and vegan is vegetarian", () => {
  const vegetarian = { ...NO_WISH, diets: ["vegetarian"] };
  expect(fitOf(item("a", { diets: ["vegan"] }), vegetarian)).toBe("free");
  expect(fitOf(item("a", { diets: ["vegetarian"] }), { ...NO_WISH, diets: ["vegan"] })).toBe("not");
  expect(dietsOf(menu([item("a", { diets: ["vegan", "spicy"] }), item("b", { diets: ["vegan"] })]))).toEqual([
    "vegan",
    "spicy",
  ]);
});

test("the menu without what a guest avoids says how much it hides; strict hides what is not confirmed", () => {
  const { categories } = menu([
    item("safe", { allergens: { nuts: "safe" } }),
    item("silent"),
    item("nutty", { allergens: { nuts: "contains" } }),
  ]);
  const names = (strict: boolean) => {
    const sorted = sortedBy(categories, { ...nuts, strict });
    return [sorted.categories.flatMap(({ items }) => items.map(({ id }) => id)), sorted.hidden];
  };
  expect(names(false)).toEqual([["safe", "silent"], 1]);
  expect(names(true)).toEqual([["safe"], 2]);
  expect(sortedBy(categories, NO_WISH)).toEqual({ categories, hidden: 0 });
});

test("what was remembered wrongly is no wish", () => {
  for (const text of [null, "", "7", "{}", '{"avoid":7}']) expect(wishFrom(text)).toEqual(NO_WISH);
  expect(wishFrom('{"avoid":["nuts",1],"diets":["vegan"],"strict":true}')).toEqual({
    avoid: ["nuts"],
    diets: ["vegan"],
    strict: true,
  });
});
