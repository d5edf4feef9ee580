import { expect, test } from "vitest";
import { stationsFor } from "./choice";
import { stations } from "./fakes";

test("the address decides, by id or by name in any language", () => {
  expect(stationsFor(stations, "Parrilla, fry", "fry")).toEqual(new Set(["grill", "fry"]));
  expect(stationsFor(stations, "all", null)).toBeNull();
});

test("else what this device had; unknown names must be chosen again", () => {
  expect(stationsFor(stations, null, "grill")).toEqual(new Set(["grill"]));
  expect(stationsFor(stations, null, "gone")).toBeUndefined();
  expect(stationsFor(stations, null, null)).toBeUndefined();
});

test("a kitchen with one station has no choice to make", () => {
  expect(stationsFor(stations.slice(0, 1), null, null)).toBeNull();
});
