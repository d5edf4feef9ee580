import { expect, test } from "vitest";
import { nameOf, offered, pick, wordsFor } from "./language";

test("the chosen language wins, then the browser's, then the restaurant's", () => {
  expect(pick("es", ["en-GB"], ["ca", "en"])).toBe("es");
  expect(pick(null, ["pt", "en-GB"], ["ca", "en"])).toBe("en");
  expect(pick(null, ["ca-ES"], ["ca", "en"])).toBe("ca");
  expect(pick(null, ["pt"], ["ca", "en"])).toBe("ca");
  expect(pick(null, ["ar-EG"], ["ca", "en"])).toBe("ar");
  expect(pick("xx", ["pt"], [])).toBe("en");
});

test("the menu's languages are offered first, the page's own after them, each once", () => {
  expect(offered(["es-MX", "ca"])).toEqual(["es-MX", "ca", "en", "fr", "de", "ar", "zh"]);
});

test("words come in the nearest of the page's own languages", () => {
  expect(wordsFor("es-MX")).toBe("es");
  expect(wordsFor("ca")).toBe("en");
});

test("languages are named in themselves", () => {
  expect(nameOf("es")).toBe("Español");
});
