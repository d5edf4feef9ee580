import { describe, expect, test } from "vitest";
import * as cart from "./cart";
import { freshChoice } from "./choice";
import { group, item, menu } from "./fixtures";
import { indexOf } from "./menu";

const steak = item("steak", { price: 2900, option_groups: [group("how", 1, 1, ["rare", "medium"])] });
const water = item("water", { price: 400, stock: 3 });
const card = menu([steak, water]);
const items = indexOf(card);
const rare = { options: ["rare"], note: "", quantity: 1 };
const NOW = 1_000;

function filled() {
  const one = cart.added(cart.EMPTY, steak, rare, "a", NOW);
  return cart.added(one, water, { ...freshChoice(water), quantity: 2 }, "b", NOW);
}

describe("adding", () => {
  test("equal choices are one line, different ones are two", () => {
    const same = cart.added(filled(), steak, { ...rare, note: "  " }, "c", NOW);
    expect(same.lines.map(({ key, quantity }) => [key, quantity])).toEqual([
      ["a", 2],
      ["b", 2],
    ]);
    const other = cart.added(filled(), steak, { ...rare, note: "no salt" }, "c", NOW);
    expect(other.lines.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  });

  test("a line never holds more than the server takes", () => {
    const many = cart.added(filled(), steak, { ...rare, quantity: 99 }, "c", NOW);
    expect(many.lines.map(({ quantity }) => quantity)).toEqual([1, 2, 99]);
  });

  test("every change raises the revision and forgets an asked total", () => {
    const asked = { ...filled(), asked_total: 1 };
    const next = cart.withQuantity(asked, "a", 2, NOW);
    expect(next.revision).toBe(asked.revision + 1);
    expect(next.asked_total).toBeNull();
    expect(cart.changed(asked, { note: "hello" }, NOW).asked_total).toBe(1);
  });

  test("no portions take the line out", () => {
    expect(cart.withQuantity(filled(), "a", 0, NOW).lines.map(({ key }) => key)).toEqual(["b"]);
  });
});

describe("what stands in the way", () => {
  const problems = (menuNow = card, held = filled()) =>
    cart.priced(held, menuNow, indexOf(menuNow)).lines.map(({ problem }) => problem?.reason ?? null);

  test("nothing, on the menu it was made from", () => {
    expect(problems()).toEqual([null, null]);
  });

  test("sold out, gone, not enough, and questions that changed", () => {
    expect(problems(menu([{ ...steak, available: false }, water]))).toEqual(["sold_out", null]);
    expect(problems(menu([water]))).toEqual(["unknown_item", null]);
    expect(problems(menu([steak, { ...water, stock: 1 }]))).toEqual([null, "not_enough"]);
    expect(problems(menu([{ ...steak, option_groups: [group("how", 1, 1, ["blue"])] }, water]))[0]).toBe(
      "unknown_option",
    );
    expect(
      problems(
        menu([{ ...steak, option_groups: [...steak.option_groups, group("side", 1, 1, ["rice"])] }, water]),
      )[0],
    ).toBe("too_few_options");
  });

  test("two lines of one dish share its stock", () => {
    const twice = cart.added(filled(), water, { options: [], note: "cold", quantity: 2 }, "c", NOW);
    expect(problems(card, twice)).toEqual([null, "not_enough", "not_enough"]);
  });

  test("what the server said stays until the line or its item changes", () => {
    const told = cart.restored(
      cart.EMPTY,
      filled(),
      [{ line: 1, item: "water", reason: "not_enough", left: 1, message: "" }],
      null,
      NOW,
    );
    expect(problems(card, told)).toEqual([null, "not_enough"]);
    expect(problems(card, cart.withQuantity(told, "b", 1, NOW))).toEqual([null, null]);
    expect(problems(card, cart.afterItemChange(told, "water"))).toEqual([null, null]);
    expect(problems(card, cart.afterItemChange(told, "steak"))).toEqual([null, "not_enough"]);
  });

  test("such lines are not paid for", () => {
    const soldOut = menu([{ ...steak, available: false }, water]);
    expect(cart.priced(filled(), soldOut, indexOf(soldOut)).totals.total).toBe(800);
    expect(cart.priced(filled(), card, items).totals.total).toBe(3000 + 800);
  });
});

test("an order that comes back stands before what was added since, once", () => {
  const order = filled();
  const since = cart.added(cart.EMPTY, water, { options: [], note: "warm", quantity: 1 }, "c", NOW);
  const back = cart.restored(since, order, [], 4000, NOW);
  expect(back.lines.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  expect(back.asked_total).toBeNull();
  expect(cart.restored(back, order, [], null, NOW).lines).toHaveLength(3);
  expect(cart.restored(cart.EMPTY, order, [], 4000, NOW).asked_total).toBe(4000);
});

test("a cart outlives its seating only while it is fresh", () => {
  const old = { ...filled(), seating: "s1", touched_at: 0 };
  expect(cart.forSeating(old, "s1", cart.CART_LIFE_MS * 2)).toBe(old);
  expect(cart.forSeating(old, "s2", 10).lines).toHaveLength(2);
  expect(cart.forSeating(old, "s2", cart.CART_LIFE_MS).lines).toHaveLength(0);
});

test("the draft says what was chosen, and no empty words", () => {
  const draft = cart.draftOf({ ...filled(), note: " ", allergy: " nuts " }, 3800);
  expect(draft).toEqual({
    kind: "dine_in",
    lines: [
      { item: "steak", quantity: 1, options: ["rare"] },
      { item: "water", quantity: 2, options: [] },
    ],
    allergy: "nuts",
    expected_total: 3800,
  });
});
