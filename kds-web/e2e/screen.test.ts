// What a screen must not get wrong by itself: its clock, its sound, its age.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launch, shut, wall } from "./browser";
import { kitchen, SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

let browser: Browser;
let server: Server;
let till: Till;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
  till = await Till.open(server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(() => shut(browser));

test("a tablet whose clock is ten minutes wrong shows the right ages and the right time", async () => {
  const { page } = await wall(browser);
  await page.clock.install({ time: Date.now() - 10 * 60_000 });
  await signIn(page, server, "Grill");
  await till.order(["Ribeye"], { table: "T1" });
  await ticket(page, "T1").waitFor(SOON);
  await page.clock.runFor(5_000);
  const age = await ticket(page, "T1").locator("time").first().textContent();
  expect(age).toMatch(/^0:[0-3]\d$/);
  const right = await page.evaluate(() => document.querySelector("header > time")?.textContent);
  const here = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "Europe/Madrid",
  });
  const minutes = [Date.now() - 60_000, Date.now(), Date.now() + 60_000].map((at) => here.format(at));
  expect(minutes).toContain(right);
});

/**
 * Says when the page has made its sound. Whatever a test looks at in a page counts as a hand's touch there (the
 * driver evaluates "by user gesture"), and sound that begins after a touch is never blocked.
 */
function tellsItsSound(): void {
  const Plain = AudioContext;
  globalThis.AudioContext = class extends Plain {
    constructor() {
      super();
      console.info("sound begins");
    }
  };
}

test("sound that the browser blocks is said, until one touch lets it out", async () => {
  const strict = await launch("document-user-activation-required");
  try {
    const { page, context } = await wall(strict);
    await signIn(page, server, "Grill");
    const again = await context.newPage();
    await again.addInitScript(tellsItsSound);
    const begins = again.waitForEvent("console", {
      predicate: (said) => said.text() === "sound begins",
      ...SOON,
    });
    await again.goto(`${server.base}/kitchen/casa-oliva`);
    await begins;
    const notice = again.getByRole("button", { name: "Sound is off in this browser. Tap here once." });
    await notice.waitFor(SOON);
    await notice.click();
    await notice.waitFor({ state: "detached", ...SOON });
    expect(await page.getByText("Sound is off in this browser.").count(), "its hands were there").toBe(0);
  } finally {
    await strict.close();
  }
});

test("a screen shows its last event, and a silence of five seconds changes its frame", async () => {
  const page = await kitchen(browser, server, "Cold");
  await page.getByText(/^no\. \d+$/).waitFor(SOON);
  server.pause(true);
  try {
    await page.getByText("This may be out of date.").waitFor({ timeout: 12_000 });
    expect(await page.locator("[data-trust]").first().getAttribute("data-trust")).toBe("stale");
  } finally {
    server.pause(false);
  }
  await page.getByText("Live").waitFor({ timeout: 20_000 });
});
