// How soon the menu can be used on a mid-range phone with 4G: `npm run speed:table` measures it and prints the
// figures. Chromium holds the network to 9 Mbit/s with 60 ms there and back (a 4G of a street, as Lighthouse's
// "fast 4G" had it: developer.chrome.com/docs/devtools/network) and the processor to a quarter.
// Without SPEED there is nothing to do.

import { loadavg } from "node:os";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { launch, phone } from "./browser";
import { serve } from "./server";

const ROUNDS = 7;
const USABLE_MS = 1_000;
const NETWORK = {
  offline: false,
  latency: 60,
  downloadThroughput: (9 * 1024 * 1024) / 8,
  uploadThroughput: (1.5 * 1024 * 1024) / 8,
};
const SLOWER = 4;

interface Times {
  /** The first dishes are drawn and take taps. */
  readonly usable: number;
  /** The first of them was tapped at once, and its sheet is open. */
  readonly answered: number;
}

test.skipIf(!process.env["SPEED"])("the menu is usable within a second on a throttled phone", async () => {
  const server = await serve();
  const browser = await launch();
  try {
    const first: Times[] = [];
    const again: Times[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { page, context } = await phone(browser);
      const devtools = await context.newCDPSession(page);
      await devtools.send("Network.enable");
      await devtools.send("Network.emulateNetworkConditions", NETWORK);
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
      await page.addInitScript(watch);
      first.push(await times(page, () => page.goto(server.tableLink)));
      again.push(await times(page, () => page.reload()));
      await context.close();
    }
    const [load] = loadavg();
    console.log(
      `${line("first visit", first)}\n${line("again", again)}\nload of the machine: ${load?.toFixed(1)}`,
    );
    expect(median(first.map(({ usable }) => usable))).toBeLessThanOrEqual(USABLE_MS);
    expect(median(again.map(({ usable }) => usable))).toBeLessThanOrEqual(USABLE_MS);
  } finally {
    await browser.close();
    await server.stop();
  }
});

/** Runs in the page, before anything of it. */
function watch(): void {
  const look = () => {
    const dish = document.querySelector<HTMLElement>("main li h3 button");
    if (dish === null) return void requestAnimationFrame(look);
    const usable = performance.now();
    dish.click();
    const drawn = () => {
      if (document.querySelector("dialog[open]") === null) return void requestAnimationFrame(drawn);
      Object.assign(globalThis, { times: { usable, answered: performance.now() } });
    };
    drawn();
  };
  look();
}

async function times(page: Page, visit: () => Promise<unknown>): Promise<Times> {
  await visit();
  const there = await page.waitForFunction(() => (globalThis as { times?: Times }).times);
  return (await there.jsonValue()) as Times;
}

function line(name: string, all: readonly Times[]): string {
  const of = (part: keyof Times) => all.map((one) => Math.round(one[part]));
  const usable = `usable after ${median(of("usable"))} ms (worst ${Math.max(...of("usable"))})`;
  return `${name}: ${usable}, a tap answered after ${median(of("answered"))} ms, medians of ${all.length}`;
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}
