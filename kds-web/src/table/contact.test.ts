// What people type as their number, and what goes with the order.

import { expect, test } from "vitest";
import { contactOf, numberOf } from "./contact";

test("a number is read however it is typed, and only with its country", () => {
  expect(numberOf("+34 600-11.12 22")).toBe("+34600111222");
  expect(numberOf("0034 (600) 111222")).toBe("+34600111222");
  for (const none of ["600111222", "+0600111222", "+34", "+34600abc222", ""])
    expect(numberOf(none)).toBeNull();
});

test("an order carries a number only when it is one", () => {
  expect(contactOf({ way: "sms", phone: "+34600111222" }, "es")).toEqual({
    phone: "+34600111222",
    channel: "sms",
    locale: "es",
  });
  expect(contactOf({ way: "sms", phone: "600" }, "es")).toBeNull();
  expect(contactOf(null, "es")).toBeNull();
});
