import { expect, test } from "vitest";
import { placeOf } from "./router";

test("addresses lead to their pages", () => {
  expect(placeOf("/")).toEqual({ page: "landing" });
  expect(placeOf("/kitchen/la%20brasa")).toEqual({ page: "kitchen", slug: "la brasa" });
  expect(placeOf("/floor/la%20brasa")).toEqual({ page: "floor", slug: "la brasa" });
  expect(placeOf("/kitchen/")).toEqual({ page: "landing" });
  expect(placeOf("/t/AbC-1_2")).toEqual({ page: "table", code: "AbC-1_2" });
  expect(placeOf("/r/la%20brasa")).toEqual({ page: "takeaway", slug: "la brasa" });
  expect(placeOf("/r/")).toEqual({ page: "nowhere" });
  expect(placeOf("/t/")).toEqual({ page: "nowhere" });
  expect(placeOf("/t/a/b")).toEqual({ page: "nowhere" });
  expect(placeOf("/%E0")).toEqual({ page: "nowhere" });
});
