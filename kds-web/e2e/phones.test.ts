// The phones' pages for everybody: axe finds nothing serious on any of their views, light and dark, and Arabic
// runs from right to left without anything hanging out of the page.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe";
import { launch, phone } from "./browser";
import { expectLight } from "./first-load";
import { choose, guest, kitchen, SOON, tableLinks, waiter } from "./people";
import { type Server, serve } from "./server";

let browser: Browser;
let server: Server;
let links: string[];

beforeAll(async () => {
  browser = await launch();
  server = await serve();
  links = await tableLinks(server);
  await kitchen(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** What axe finds in light and in dark. */
async function wrong(page: Page, view: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    found.push(...(await findings(page)).map((one) => `${view}, ${colorScheme}: ${one}`));
  }
  return found;
}

test("axe finds nothing serious on the guest's and the waiter's views", async () => {
  const found: string[] = [];
  const page = await guest(browser, server, links[0]);
  found.push(...(await wrong(page, "menu")));
  await page
    .getByRole("button", { name: /^Casa Oliva burger/ })
    .first()
    .click();
  found.push(...(await wrong(page, "dish")));
  await page.goBack();
  await page.getByRole("button", { name: "What do you need?" }).click();
  found.push(...(await wrong(page, "call")));
  await page.getByRole("button", { name: "Bill" }).click();
  await page.getByText(/Called .* ago/).waitFor(SOON);
  found.push(...(await wrong(page, "called")));
  await page.goBack();
  await page.getByRole("button", { name: "What you do not eat" }).click();
  await page.getByRole("dialog").getByText("milk", { exact: true }).click();
  found.push(...(await wrong(page, "wish")));
  await page.goBack();
  await page.getByText(/without milk/).waitFor(SOON);
  found.push(...(await wrong(page, "sorted menu")));
  await choose(page, "Sangria jug");
  await page.getByRole("button", { name: /See your order/ }).click();
  await page.getByRole("button", { name: "Tell the kitchen" }).click();
  await page.getByLabel("Which allergy?").fill("peanut");
  found.push(...(await wrong(page, "cart")));
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText("The kitchen has your order").waitFor(SOON);
  found.push(...(await wrong(page, "sent")));
  await page.getByRole("button", { name: "Follow your order" }).click();
  found.push(...(await wrong(page, "order")));
  await page.getByRole("button", { name: "Bill" }).click();
  await page.getByRole("button", { name: "By person" }).click();
  found.push(...(await wrong(page, "bill")));

  const floor = await waiter(browser, server);
  await floor.getByRole("button", { name: /^T1 / }).waitFor(SOON);
  found.push(...(await wrong(floor, "floor")));
  await floor.getByRole("button", { name: /Calls$/ }).click();
  found.push(...(await wrong(floor, "calls")));
  await floor.getByRole("button", { name: "Dishes" }).click();
  found.push(...(await wrong(floor, "dishes")));
  await floor.getByRole("button", { name: "Floor" }).click();
  await floor.getByRole("button", { name: /^T1 / }).click();
  found.push(...(await wrong(floor, "table")));
  await floor.getByRole("button", { name: "New order" }).click();
  found.push(...(await wrong(floor, "order pad")));
  expect(found).toEqual([]);
});

/** Nothing is wider than the phone, and the page runs as its language does. */
async function fits(page: Page): Promise<void> {
  const [direction, wide, room] = await page.evaluate(() => [
    document.documentElement.dir,
    Math.max(...[...document.querySelectorAll("main, header, footer, dialog")].map((box) => box.scrollWidth)),
    innerWidth,
  ]);
  expect(direction).toBe("rtl");
  expect(Number(wide)).toBeLessThanOrEqual(Number(room));
}

test("in Arabic the way from scan to bill runs from right to left, and nothing hangs out", async () => {
  const { page } = await phone(browser, { locale: "ar" });
  await page.goto(links[1] ?? "");
  await page.getByRole("searchbox", { name: "ابحث في القائمة" }).waitFor(SOON);
  await fits(page);
  await page.getByRole("listitem").filter({ hasText: "Sangria jug" }).first().getByRole("button").click();
  const sheet = page.getByRole("dialog");
  for (const group of await sheet.locator("fieldset:has(input[type=radio])").all())
    await group.locator("label").first().click();
  await fits(page);
  await sheet.getByRole("button", { name: /^إضافة/ }).click();
  await page.getByRole("button", { name: /عرض طلبك/ }).click();
  await fits(page);
  await page.getByRole("button", { name: /إرسال إلى المطبخ/ }).click();
  await page.getByText("طلبك عند المطبخ").waitFor(SOON);
  await fits(page);
  await page.getByRole("button", { name: "تابع طلبك" }).click();
  await page.getByRole("button", { name: "الحساب" }).click();
  await page.getByRole("heading", { name: "طاولتك" }).waitFor(SOON);
  await fits(page);
});

test("a guest's page is at most 60 KB of script and style, as it comes over the wire", async () => {
  const { page } = await phone(browser);
  await expectLight(page, links[2] ?? "");
});
