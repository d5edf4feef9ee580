// What a guest does with a cart and with orders, on the real pad; the network is a function.

import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { GuestOrder } from "../wire/types";
import { added } from "./cart";
import { item, menu, order } from "./fixtures";
import type { HeldMenu } from "./held-menu";
import { HeldPad } from "./held-pad";
import { openKeeping } from "./keeping";
import { indexOf } from "./menu";
import { Ordering } from "./ordering";
import { Views } from "./stack";

const card = menu([item("steak", { price: 2900 })]);
const who = { seating: "s", guest: "me" };
let codes = 0;
const opened: { close(): void }[] = [];

async function guest(token: string | null = "t") {
  codes += 1;
  const held = new HeldPad(`ordering-${codes}`, await openKeeping());
  await held.read();
  const views = new Views();
  opened.push(held, views);
  const told: GuestOrder[] = [];
  const ordering = new Ordering({
    menu: { menu: { value: card }, items: { value: indexOf(card) } } as unknown as HeldMenu,
    held,
    views,
    seat: () => null,
    rescan: async () => {},
    token: async () => token,
    told: (order) => void told.push(order),
    answered: () => {},
    cameBack: () => {},
  });
  return { ordering, held, views, told };
}

function fill(ordering: Ordering): void {
  const steak = indexOf(card).get("steak");
  const choice = { options: [], note: "", quantity: 1 };
  if (steak) ordering.changeCart((cart, now) => added(cart, steak, choice, "l", now));
}

function answers(status: number, more: object = {}) {
  const body = { type: "about:blank", title: "no", status, code: "no", detail: "", ...more };
  const asked = vi.fn(async () => Response.json(body, { status }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

beforeEach(() => history.replaceState(null, ""));

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  vi.unstubAllGlobals();
});

test("a cart that is sent is an order on the phone, with what was added last, and is shown", async () => {
  const { ordering, held, views } = await guest();
  fill(ordering);
  await ordering.send(who, { reach: { way: "sms", phone: "+34600111222" } });
  const [kept, ...others] = held.pad.value.orders;
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ ...who, draft: { expected_total: 2900, contact: { phone: "+34600111222" } } });
  expect(held.pad.value.cart.lines).toEqual([]);
  expect(views.now).toEqual({ is: "order", order: kept?.id });
});

test("a cart that cannot be sent stays as it is", async () => {
  const { ordering, held, views } = await guest();
  const before = held.pad.value;
  await ordering.send(who, { allergy: "nuts" });
  fill(ordering);
  ordering.changeCart((cart) => ({ ...cart, lines: cart.lines.map((line) => ({ ...line, item: "gone" })) }));
  await ordering.send(who, { allergy: "nuts" });
  expect(held.pad.value).toMatchObject({ orders: [], cart: { allergy: before.cart.allergy } });
  expect(views.now).toEqual({ is: "menu" });
});

test("in another seating, what was not sent is the cart's again, and that is said", async () => {
  const { ordering, held } = await guest();
  fill(ordering);
  await ordering.send(who);
  await ordering.sitDown("s");
  expect(ordering.notices.all.value).toEqual([]);
  await ordering.sitDown("another");
  expect(held.pad.value.orders).toEqual([]);
  expect(held.pad.value.cart.lines).toHaveLength(1);
  expect(ordering.notices.all.value).toEqual([{ is: "closed" }]);
});

test("an order that is taken back before a try is the cart's again", async () => {
  const { ordering, held, views } = await guest();
  fill(ordering);
  await ordering.send(who);
  await ordering.takeBack(held.pad.value.orders[0]?.id ?? "");
  expect(held.pad.value.orders).toEqual([]);
  expect(held.pad.value.cart.lines).toHaveLength(1);
  expect(views.now).toEqual({ is: "cart" });
});

test("cancelling too late says so, and takes the order as it is", async () => {
  const { ordering, told } = await guest();
  const current = order("o", { state: "preparing", version: 4 });
  const asked = answers(409, { current });
  await Promise.all([ordering.cancel("o"), ordering.cancel("o")]);
  expect(asked).toHaveBeenCalledOnce();
  expect(told).toEqual([current]);
  expect(ordering.cancelling.value.get("o")).toBe("too_late");
});

test.each([401, 429, 500, 503])("a cancelling that is not decided can be tried again: %i", async (status) => {
  const { ordering, told } = await guest();
  answers(status);
  await ordering.cancel("o");
  expect(ordering.cancelling.value.get("o")).toBe("no_answer");
  expect(told).toEqual([]);
});

test("without a token nothing is asked, and that is no answer", async () => {
  const { ordering } = await guest(null);
  const asked = answers(200);
  await ordering.cancel("o");
  expect(asked).not.toHaveBeenCalled();
  expect(ordering.cancelling.value.get("o")).toBe("no_answer");
});
