import { expect, test } from "vitest";
import { choiceFor, remembered } from "./choice";
import { stations } from "./fakes";

const of = (...ids: string[]) => ({ purpose: "stations", shown: new Set(ids) });
const all = { purpose: "stations", shown: null };

test("the address decides, by id or by name in any language", () => {
  expect(choiceFor(stations, "Parrilla, fry", "fry")).toEqual(of("grill", "fry"));
  expect(choiceFor(stations, "all", null)).toEqual(all);
  expect(choiceFor(stations, "Pass", "fry")).toEqual({ purpose: "pass", shown: null });
});

test("else what this device had; unknown names must be chosen again", () => {
  expect(choiceFor(stations, null, "grill")).toEqual(of("grill"));
  expect(choiceFor(stations, null, "gone")).toBeUndefined();
  expect(choiceFor(stations, null, null)).toBeUndefined();
});

test("a choice is remembered as it was", () => {
  for (const kept of ["grill fry", "all", "pass", "board"]) {
    const choice = choiceFor(stations, null, kept);
    expect(choice && choiceFor(stations, null, remembered(choice))).toEqual(choice);
  }
});

test("a kitchen with one station has no choice to make", () => {
  expect(choiceFor(stations.slice(0, 1), null, null)).toEqual(all);
});
