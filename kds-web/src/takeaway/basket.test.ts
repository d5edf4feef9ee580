import { expect, test } from "vitest";
import { added, changed, EMPTY, priced } from "../table/cart";
import { item, menu } from "../table/fixtures";
import { indexOf } from "../table/menu";
import { answered, emptyPad, find, sent, takeBack } from "../table/pad";

const card = menu([item("steak", { price: 2900 })]);
const items = indexOf(card);
const at = "2026-01-31T20:00:00.000Z";
const reach = { phone: "+34 600 111 222", way: "sms" as const };

function padWith(pickup: string | null) {
  const steak = items.get("steak");
  if (!steak) throw new Error("no steak");
  const cart = added(EMPTY, steak, { options: [], note: "", quantity: 1 }, "l", 0);
  const full = { ...emptyPad("r/olive"), cart: changed(cart, { pickup, reach }, 0) };
  const who = { id: "o", seating: "g", guest: "g" };
  return sent(full, full.cart.revision, who, priced(full.cart, card, items), 0, "es");
}

test("an order to take away says so, when it is wanted, and by which number the guest is told", () => {
  const pad = padWith(at);
  expect(find(pad, "o")?.draft).toMatchObject({
    kind: "takeaway",
    pickup_at: at,
    contact: { phone: "+34600111222", channel: "sms", locale: "es" },
    expected_total: 2900,
  });
  expect(pad.cart.pickup).toBeUndefined();
  const soon = find(padWith(null), "o")?.draft;
  expect(soon?.kind).toBe("takeaway");
  expect(soon).not.toHaveProperty("pickup_at");
});

test("what comes back is for the time that was wished, whether that is left or not", () => {
  expect(takeBack(padWith(at), "o", 1).pad.cart.pickup).toBe(at);
  expect(takeBack(padWith(null), "o", 1).pad.cart.pickup).toBeNull();
  const problem = { type: "about:blank", title: "", status: 409, code: "slot_taken", detail: "Taken." };
  const no = { is: "refused" as const, status: 409, problem, retry_after_ms: null };
  const tried = { ...padWith(at), orders: padWith(at).orders.map((order) => ({ ...order, doubts: 1 })) };
  const { pad, step } = answered(tried, "o", no, 1, 0);
  expect(step).toEqual({ do: "put_back", why: { is: "refused", code: "slot_taken", message: "Taken." } });
  expect(pad.cart).toMatchObject({ pickup: at, lines: [{ item: "steak" }] });
});
