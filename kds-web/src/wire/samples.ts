// The samples in tests/golden, as the tests of both sides read them. Only tests import this.

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const FOLDER = resolve(import.meta.dirname, "../../../tests/golden");

/** Each sample's name and text. */
export const samples = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .map((file) => [file.slice(0, -".json".length), readFileSync(join(FOLDER, file), "utf8").trim()]),
);

export function text(name: string): string {
  const found = samples.get(name);
  if (found === undefined) {
    throw new Error(`tests/golden/${name}.json is not there`);
  }
  return found;
}

export const sample = <T>(name: string) => JSON.parse(text(name)) as T;
export const named = (prefix: string) => [...samples.keys()].filter((name) => name.startsWith(prefix));
