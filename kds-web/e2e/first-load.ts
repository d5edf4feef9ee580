// How much script and style a guest's page needs before its menu can be read, as it comes over the wire.

import type { Page } from "playwright-core";
import { expect } from "vitest";
import { SOON_MS } from "../src/later";
import { SOON } from "./people";

const ENOUGH_BYTES = 60_000;

/** What comes later by itself does not come here, however slow the machine is. */
function onlyFirst(later_ms: number): void {
  const plain = setTimeout;
  const later = (run: () => void, wait_ms?: number) => (wait_ms === later_ms ? 0 : plain(run, wait_ms));
  Object.assign(globalThis, { setTimeout: later });
}

export async function expectLight(page: Page, url: string): Promise<void> {
  const sizes = new Map<string, number>();
  await page.addInitScript(onlyFirst, SOON_MS);
  page.on("requestfinished", async (request) => {
    const kind = request.resourceType();
    if (kind !== "script" && kind !== "stylesheet") return;
    const { responseBodySize } = await request.sizes();
    sizes.set(request.url(), responseBodySize);
  });
  await page.goto(url);
  await page.getByRole("button", { name: /^Toasted bread/ }).waitFor(SOON);
  await expect.poll(() => sizes.size, SOON).toBeGreaterThan(4);
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  expect(bytes, [...sizes].map(([from, size]) => `${size} ${from}`).join("\n")).toBeLessThanOrEqual(
    ENOUGH_BYTES,
  );
  expect(bytes).toBeGreaterThan(ENOUGH_BYTES / 2);
}
