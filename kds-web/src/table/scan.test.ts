// What counts as a scan of the code on the table.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BY_NEWS, justScanned } from "./scan";

function opened(how: NavigationTimingType, hash = ""): void {
  sessionStorage.clear();
  location.hash = hash;
  vi.spyOn(performance, "getEntriesByType").mockReturnValue([{ type: how } as PerformanceNavigationTiming]);
}

beforeEach(() => opened("navigate"));
afterEach(() => opened("navigate"));

test("a tab that opens at the code was scanned, once", () => {
  expect(justScanned("k3v9")).toBe(true);
  expect(justScanned("k3v9")).toBe(false);
  expect(justScanned("other")).toBe(true);
});

test("neither a reload nor the way back is a scan", () => {
  opened("reload");
  expect(justScanned("k3v9")).toBe(false);
  opened("back_forward");
  expect(justScanned("k3v9")).toBe(false);
});

test("a tap on a notification is no scan: it leads to the party that the news is of", () => {
  opened("navigate", BY_NEWS);
  expect(justScanned("k3v9")).toBe(false);
});
