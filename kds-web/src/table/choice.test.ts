import { expect, test } from "vitest";
import { choicePrice, freshChoice, full, mostOf, toggled, unanswered, withQuantity } from "./choice";
import { group, item } from "./fixtures";

const one = group("how", 1, 1, ["rare", "medium"]);
const two = group("with", 0, 2, ["a", "b", "c"]);
const dish = item("steak", { price: 2900, option_groups: [one, two] });

const tap = (choice: ReturnType<typeof freshChoice>, from: typeof one, id: string) => {
  const option = from.options.find((option) => option.id === id);
  return option ? toggled(choice, from, option) : choice;
};

test("a question for one answer takes the last one and never goes empty", () => {
  let choice = tap(freshChoice(dish), one, "rare");
  choice = tap(choice, one, "medium");
  expect(choice.options).toEqual(["medium"]);
  expect(tap(choice, one, "medium")).toBe(choice);
});

test("at the most, further answers wait until one is taken back", () => {
  let choice = tap(tap(freshChoice(dish), two, "a"), two, "b");
  expect(full(choice, two)).toBe(true);
  expect(tap(choice, two, "c")).toBe(choice);
  choice = tap(tap(choice, two, "a"), two, "c");
  expect(choice.options).toEqual(["b", "c"]);
});

test("one optional answer can be changed and taken back", () => {
  const maybe = group("extra", 0, 1, ["x", "y"]);
  const choice = tap(tap(freshChoice(dish), maybe, "x"), maybe, "y");
  expect(choice.options).toEqual(["y"]);
  expect(tap(choice, maybe, "y").options).toEqual([]);
});

test("what is missing is named, in the menu's order", () => {
  expect(unanswered(dish, [])?.id).toBe("how");
  expect(unanswered(dish, ["rare"])).toBeNull();
  expect(unanswered(dish, ["rare", "a", "b", "c"])?.id).toBe("with");
});

test("a question with one possible answer is answered; sold-out answers cannot be taken", () => {
  const [rare, medium] = one.options.map((option, n) => ({ ...option, available: n === 0 }));
  const scarce = { ...one, options: [rare, medium].filter((option) => option !== undefined) };
  const rest = item("steak", { option_groups: [scarce] });
  expect(freshChoice(rest).options).toEqual(["rare"]);
  expect(tap(freshChoice(rest), scarce, "medium").options).toEqual(["rare"]);
  expect(unanswered(rest, ["medium"])?.id).toBe("how");
});

test("price and quantity keep to the dish", () => {
  const choice = withQuantity({ options: ["rare", "a"], note: "", quantity: 1 }, dish, 3);
  expect(choicePrice(dish, choice)).toBe((2900 + 200) * 3);
  expect(withQuantity(choice, item("x", { stock: 2 }), 9).quantity).toBe(2);
  expect(withQuantity(choice, dish, 0).quantity).toBe(1);
  expect(mostOf(item("x", { stock: 0 }))).toBe(1);
});
