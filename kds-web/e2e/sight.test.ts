// Seen by everybody: six languages, right to left, light and dark, no serious finding of axe; installable, and
// small.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findings } from "./axe";
import { launch, shut, wall } from "./browser";
import { kitchen, SOON, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

const SCRIPT_BYTES = 60 * 1024;
const DIST = join(import.meta.dirname, "../dist");

let browser: Browser;
let server: Server;
let till: Till;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
  till = await Till.open(server);
  await till.order(["Ribeye", "Tataki"], { table: "T1", allergy: "nuts", note: "Birthday" });
  const rush = await till.order(["Pulpo"], { table: "T2" });
  await till.give({ name: "order.rush", args: { order: rush.id, rush: true } });
  const gone = await till.order(["Ribeye"], { table: "T3" });
  await till.give({ name: "order.bump", args: { order: gone.id } });
  await till.order(["Ribeye"]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(() => shut(browser));

async function settings(page: Page, choice: string): Promise<void> {
  await page.locator("h1 button").click();
  const menu = page.locator("[data-panel]");
  await menu.getByRole("button", { name: choice, exact: true }).click();
  await menu.getByRole("button").last().click();
  await menu.waitFor({ state: "detached", ...SOON });
}

test("no serious finding of axe: dark, light, the lists, the pass, the pickup board", async () => {
  const page = await kitchen(browser, server, "Grill");
  await ticket(page, "T1").waitFor(SOON);
  expect(await findings(page)).toEqual([]);
  await settings(page, "Bright");
  expect(await findings(page)).toEqual([]);
  for (const key of ["s", "a", "b", "?"]) {
    await page.keyboard.press(key);
    await page.getByRole("dialog").waitFor(SOON);
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press("Escape");
  }
  for (const purpose of ["Pass", "Pickup board"]) {
    await page.locator("h1 button").click();
    await page.locator("[data-panel]").getByRole("button", { name: purpose }).click();
    await page.waitForTimeout(100);
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press("Escape");
  }
});

test("no serious finding of axe: the door, pairing, the first choice, settings, screens, a line, the filter, cut off", async () => {
  const { page, context } = await wall(browser);
  const found: string[] = [];
  const look = async (view: string) => {
    found.push(...(await findings(page)).map((one) => `${view}: ${one}`));
  };
  await page.goto(`${server.base}/kitchen/casa-oliva`);
  await page.getByLabel("E-mail").waitFor(SOON);
  await look("door");
  await page.getByRole("button", { name: "Pair this screen" }).click();
  await page.getByText(/^[A-Z0-9]{4} [A-Z0-9]{4}$/).waitFor(SOON);
  await look("pairing");
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByLabel("E-mail").fill("mateo@casa-oliva.example");
  await page.getByLabel("Password").fill("comanda-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Which station is this screen?" }).waitFor(SOON);
  await look("first choice");
  await page.getByRole("button", { name: "Grill & stove" }).click();
  await ticket(page, "T2").waitFor(SOON);
  await page.keyboard.press("1");
  for (const key of ["l", "c"]) {
    await page.keyboard.press(key);
    await page.getByRole("dialog").waitFor(SOON);
    await look(`list of ${key}`);
    await page.keyboard.press("Escape");
  }
  await page.keyboard.press("o");
  await page.getByRole("button", { name: /^Only At tables/ }).waitFor(SOON);
  await look("filtered");
  await page.locator("h1 button").click();
  await look("settings");
  await page.getByRole("button", { name: "Screens", exact: true }).click();
  await page.getByRole("dialog", { name: "Screens" }).waitFor(SOON);
  await look("screens");
  await page.keyboard.press("Escape");
  await context.setOffline(true);
  await page.getByText("Not connected.").waitFor(SOON);
  await look("cut off");
  expect(found).toEqual([]);
});

test("every language says everything in its own words; Arabic counts its slots from the right", async () => {
  const page = await kitchen(browser, server, "Grill");
  await ticket(page, "T2").waitFor(SOON);
  const words = { Español: "URGE", Français: "URGENT", Deutsch: "EILT", 中文: "加急", العربية: "عاجل" };
  for (const [language, rush] of Object.entries(words)) {
    await settings(page, language);
    await page.getByRole("article").getByText(rush, { exact: true }).waitFor(SOON);
  }
  expect(await page.evaluate(() => document.documentElement.dir)).toBe("rtl");
  const cell = async (n: number) => (await page.locator(`[data-cell="${n}"]`).boundingBox())?.x ?? 0;
  expect(await cell(0)).toBeGreaterThan(await cell(2));
  await page.keyboard.press("1");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.reload();
  await page.getByRole("article").getByText("عاجل", { exact: true }).waitFor(SOON);
  expect(await findings(page)).toEqual([]);
});

test("the check before a shift has a tick for sound, wake, clock, answer, offline and kept taps", async () => {
  const page = await kitchen(browser, server, "Grill");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.getByRole("button", { name: "Check this screen" }).click();
  const check = page.getByRole("dialog", { name: "Check this screen" });
  for (const good of [
    "Clock is right",
    /Server answers in \d+ ms/,
    "Opens without a network",
    "Keeps taps over a reload",
  ]) {
    await check.getByText(good).waitFor(SOON);
  }
  await check.getByRole("button", { name: "Play" }).click();
  await check.getByRole("button", { name: "OK" }).click();
  expect(await page.getByRole("button", { name: "Check this screen" }).count()).toBe(0);
  expect(await findings(page)).toEqual([]);
});

test("the kitchen page can be installed, and its scripts stay within 60 KB", async () => {
  const page = await kitchen(browser, server, "Grill");
  await page.evaluate(() => navigator.serviceWorker.ready);
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A window of a test is a private one, which never offers to install.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);

  const loaded = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname),
  );
  const scripts = [...new Set(loaded)].filter((path) => path.endsWith(".js") && path !== "/worker.js");
  const bytes = scripts.map((path) => statSync(join(DIST, `${path}.br`)).size);
  expect(scripts.length).toBeGreaterThan(2);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(SCRIPT_BYTES);
  const worker = readFileSync(join(DIST, "worker.js"), "utf8");
  const kept = scripts.filter((path) => !worker.includes(path));
  expect(kept, "the service worker keeps every script of the page").toEqual([]);
  expect(readdirSync(DIST)).toContain("manifest.webmanifest");
});
