// Takeaway on the real server: a phone opens the restaurant's own link, takes a time, proves its number by the code
// that was sent, and fetches its food by the number; and what must not go wrong: a wrong code, a lost answer, a time
// that is taken meanwhile, a restaurant that pauses.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findings } from "./axe";
import { launch, phone } from "./browser";
import { expectLight } from "./first-load";
import { choose, kitchen, SOON, waiter } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

let browser: Browser;
let server: Server;
let till: Till;
let wall: Page;
let numbers = 100_000;

beforeAll(async () => {
  browser = await launch();
  // One machine stands for all these phones.
  server = await serve({
    COMANDA_LIMITS__CODES_PER_ADDRESS: "1000",
    COMANDA_LIMITS__CODES_PER_RESTAURANT: "1000",
  });
  till = await Till.open(server);
  wall = await kitchen(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
beforeEach(() => {
  const before = browser.contexts();
  return async () => {
    const mine = browser.contexts().filter((context) => !before.includes(context));
    await Promise.all(mine.map((context) => context.close()));
  };
});

/** A phone at the restaurant's link. */
async function guest(more: Parameters<typeof phone>[1] = {}): Promise<Page> {
  const { page } = await phone(browser, more);
  await page.goto(`${server.base}/r/casa-oliva`);
  await page.getByRole("listitem").filter({ hasText: "Toasted bread" }).first().waitFor(SOON);
  return page;
}

/** The codes that went to a number, newest first: where a developer reads them. */
async function codes(number: string): Promise<string[]> {
  const mailbox = await (await fetch(`${server.base}/dev/mailbox`)).text();
  const mine = mailbox.split("<li>").filter((message) => message.includes(number));
  return mine.flatMap((message) => /\b\d{6}\b/.exec(message.split('dir="auto"')[1] ?? "") ?? []);
}

async function codeAfter(number: string, known = 0): Promise<string> {
  await expect.poll(async () => (await codes(number)).length, SOON).toBeGreaterThan(known);
  return (await codes(number))[0] ?? "";
}

const toCart = (page: Page) => page.getByRole("button", { name: /See your order/ }).click();
const toOrder = (page: Page) => page.getByRole("button", { name: /^Order/ }).last();

/** From the cart: asks for a code. Answers the number. */
async function askCode(page: Page): Promise<string> {
  numbers += 1;
  const number = `+34600${numbers}`;
  await page.getByRole("button", { name: /Add your number/ }).click();
  await page.getByLabel(/mobile number/).fill(number);
  await page.getByLabel("SMS").check();
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel("The six digits from the message").waitFor(SOON);
  return number;
}

async function verify(page: Page): Promise<void> {
  const number = await askCode(page);
  await page.getByLabel("The six digits from the message").fill(await codeAfter(number));
  await page.getByText(`We message you at`).waitFor(SOON);
}

/** The head of a ticket on the wall. */
const bump = (number: number) => wall.getByRole("button", { name: new RegExp(`^Bump #${number}(?!\\d)`) });

/** The number that is called out. */
async function numberOf(page: Page): Promise<number> {
  const card = page.getByRole("status").filter({ hasText: "Your pickup number" });
  await card.waitFor(SOON);
  return Number(await card.locator("b").textContent());
}

test("a phone takes a time, verifies its number, and the order waits in the kitchen's drawer until it is begun", async () => {
  const page = await guest();
  await choose(page, "Casa Oliva burger");
  await toCart(page);
  await page.getByText("As soon as possible").waitFor(SOON);
  await page.getByRole("button", { name: "Change", exact: true }).first().click();
  await page.getByRole("button", { name: "tomorrow" }).click();
  const time = page
    .locator("label")
    .filter({ hasText: /^\d\d:\d\d$/ })
    .nth(5);
  const at = await time.textContent();
  await time.click();
  await page.getByRole("button", { name: `Pick up tomorrow ${at}` }).click();
  await page.getByText(`tomorrow ${at}`).waitFor(SOON);
  await verify(page);
  await toOrder(page).dblclick();
  const number = await numberOf(page);
  await page.getByText("The kitchen begins tomorrow").waitFor(SOON);

  // It is on no screen, and in the drawer.
  await wall.getByRole("button", { name: /scheduled/i }).click();
  const row = wall.locator("[data-row]").filter({ hasText: `#${number}` });
  await row.getByText(`for ${at}`).waitFor(SOON);
  expect(await bump(number).count()).toBe(0);
  // A reload comes back to the order, and the phone is still known.
  await page.reload();
  expect(await numberOf(page)).toBe(number);
  // A cook who does not wait.
  await row.getByRole("button", { name: /Start/ }).click();
  await wall.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await bump(number).waitFor(SOON);
  await page.getByText("The kitchen has your order").waitFor(SOON);
  await bump(number).click();
  await page.getByText("Ready. Come and get it.").waitFor(SOON);
});

test("as soon as possible: on the screen at once, then on the pickup board, then in the hand", async () => {
  const page = await guest();
  const board = await kitchen(browser, server, "Pickup board");
  await choose(page, "Toasted bread");
  await toCart(page);
  await verify(page);
  // The answer is lost once, and the order exists once.
  let lost = 0;
  await page.route("**/api/orders", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    lost += 1;
    const taken = await route.fetch();
    if (lost === 1) await route.abort("connectionreset");
    else await route.fulfill({ response: taken });
  });
  await toOrder(page).click();
  const number = await numberOf(page);
  expect(lost).toBeGreaterThan(1);
  await page.getByText("Ready in about").waitFor(SOON);
  await page.getByText("The kitchen has your order").waitFor(SOON);
  await board
    .getByRole("region", { name: "Almost there" })
    .getByText(`${number}`, { exact: true })
    .waitFor(SOON);
  await bump(number).click();
  await board.getByRole("region", { name: "Ready" }).getByText(`${number}`, { exact: true }).waitFor(SOON);
  await page.getByText("Ready. Come and get it.").waitFor(SOON);
  const mine = (await till.orders()).orders.filter((order) => order.number === number);
  expect(mine).toHaveLength(1);
  await till.give({ name: "order.complete", args: { order: mine[0]?.id ?? "" } });
  await page.getByText(/^Picked up \d\d:\d\d$/).waitFor(SOON);

  // The next order needs no code; what is no longer wanted is taken back.
  await page.getByRole("button", { name: "Order something else" }).click();
  await choose(page, "Sangria jug");
  await toCart(page);
  await page.getByText("We message you at").waitFor(SOON);
  await toOrder(page).click();
  await numberOf(page);
  await page.getByRole("button", { name: "Cancel this order" }).click();
  await page.getByRole("button", { name: "Yes, cancel it" }).click();
  await page.getByText(/^Cancelled \d\d:\d\d/).waitFor(SOON);
  await page.getByRole("button", { name: "Your orders" }).click();
  await page.getByText("Picked up").waitFor(SOON);
});

test("a wrong code says so, five of them end it, and another one waits for its time", async () => {
  const page = await guest();
  await choose(page, "Toasted bread");
  await toCart(page);
  const number = await askCode(page);
  const code = await codeAfter(number);
  const field = page.getByLabel("The six digits from the message");
  const wrong = (n: number) => String((Number(code) + n) % 1_000_000).padStart(6, "0");
  for (let n = 1; n <= 5; n += 1) {
    const answered = page.waitForResponse((answer) => answer.url().includes("/codes/"));
    await field.fill(wrong(n));
    await answered;
    await page.getByText("This is not the code. Look again.").waitFor(SOON);
  }
  await field.fill(code);
  await page.getByText("This code has had its time or its tries.").waitFor(SOON);
  expect(await page.getByRole("button", { name: /^Another code in 0:\d\d$/ }).isDisabled()).toBe(true);
  expect(await codes(number)).toHaveLength(1);
  await page.getByRole("button", { name: "Another number" }).click();
  await page.getByLabel(/mobile number/).fill("600 111 222");
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByText("Begin with + and the country code.").waitFor(SOON);
});

test("a time that others took meanwhile is said, shown as taken, and another one is chosen", async () => {
  const page = await guest();
  await choose(page, "Toasted bread");
  await toCart(page);
  await page.getByRole("button", { name: "Change", exact: true }).first().click();
  await page.getByRole("button", { name: "tomorrow" }).click();
  const time = page
    .locator("label")
    .filter({ hasText: /^\d\d:\d\d$/ })
    .nth(8);
  const at = (await time.textContent()) ?? "";
  await time.click();
  await page.getByRole("button", { name: `Pick up tomorrow ${at}` }).click();
  await verify(page);
  // The page cannot know before it looks at the times again.
  await page.route("**/slots?*", (route) => route.abort());
  const list = await (await fetch(`${server.base}/api/restaurants/casa-oliva/slots`)).json();
  const { slots } = list as { slots: { at: string }[] };
  const madrid = new Intl.DateTimeFormat("en-GB", {
    timeStyle: "short",
    dateStyle: "short",
    timeZone: "Europe/Madrid",
  });
  const day = madrid.format(new Date(Date.now() + 86_400_000)).split(",")[0] ?? "";
  const slot = slots.find((one) => madrid.format(new Date(one.at)) === `${day}, ${at}`);
  for (let n = 0; n < 6; n += 1) await till.order(["Gazpacho"], { pickup_at: slot?.at ?? "" });
  await page.unroute("**/slots?*");
  await toOrder(page).click();
  await page.getByText("This time is taken by now. Choose another one.").first().waitFor(SOON);
  await page
    .getByRole("button", { name: /^Choose a time/ })
    .last()
    .click();
  await page.getByRole("button", { name: "tomorrow" }).click();
  const full = page.locator("label").filter({ hasText: new RegExp(`^${at}`) });
  await full.getByText("taken").waitFor(SOON);
  expect(await full.getByRole("radio").isDisabled()).toBe(true);
  await page
    .locator("label")
    .filter({ hasText: /^\d\d:\d\d$/ })
    .nth(9)
    .click();
  await page.getByRole("button", { name: /^Pick up tomorrow/ }).click();
  await toOrder(page).click();
  await numberOf(page);
});

test("a waiter pauses takeaway, guests are told until when, before anything is chosen and after, and it goes on", async () => {
  const floor = await waiter(browser, server);
  await floor.getByRole("button", { name: "Dishes" }).click();
  const takeaway = floor.getByRole("region", { name: "Takeaway" });
  await takeaway.getByRole("button", { name: "Pause for today" }).click();
  await takeaway.getByText(/Paused until \d\d:\d\d\./).waitFor(SOON);
  const page = await guest();
  await page.getByText(/No takeaway right now\. Again from/).waitFor(SOON);
  await page.getByText(/You can order for later\./).waitFor(SOON);
  await choose(page, "Toasted bread");
  await toCart(page);
  await page
    .getByRole("button", { name: /^Choose a time/ })
    .last()
    .click();
  await page
    .getByText(/No takeaway right now/)
    .last()
    .waitFor(SOON);
  expect(await page.getByText("As soon as possible").count()).toBe(0);
  await takeaway.getByRole("button", { name: "Take orders again" }).click();
  await takeaway.getByText("Orders are taken.").waitFor(SOON);
  await page.goBack();
  await page.reload();
  await page.getByText("As soon as possible").waitFor(SOON);
});

test("a restaurant that is not there, and one that lost the phone's number", async () => {
  const { page } = await phone(browser);
  await page.goto(`${server.base}/r/nowhere`);
  await page.getByText("There is no such restaurant here").waitFor(SOON);

  const known = await guest();
  await choose(known, "Toasted bread");
  await toCart(known);
  await verify(known);
  await known.getByRole("button", { name: "Change", exact: true }).last().click();
  await known.getByRole("button", { name: "Forget this number on this phone" }).click();
  await toCart(known);
  await known.getByRole("button", { name: /Add your number/ }).waitFor(SOON);
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

/** Nothing hangs out of the page to the side. */
async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
}

test("axe finds nothing serious on any view, in English and from right to left", async () => {
  const found: string[] = [];
  const page = await guest();
  found.push(...(await wrong(page, "menu")));
  await choose(page, "Toasted bread");
  await toCart(page);
  found.push(...(await wrong(page, "cart")));
  await page.getByRole("button", { name: "Change", exact: true }).first().click();
  await page.getByRole("button", { name: "tomorrow" }).click();
  found.push(...(await wrong(page, "times")));
  await page.goBack();
  const number = await askCode(page);
  const code = await codeAfter(number);
  await page
    .getByLabel("The six digits from the message")
    .fill(String((Number(code) + 1) % 1_000_000).padStart(6, "0"));
  await page.getByText("This is not the code").waitFor(SOON);
  found.push(...(await wrong(page, "code")));
  await page.getByLabel("The six digits from the message").fill(code);
  await page.getByText("We message you at").waitFor(SOON);
  await toOrder(page).click();
  const mine = await numberOf(page);
  await page.getByText("The kitchen has your order").waitFor(SOON);
  found.push(...(await wrong(page, "order")));
  await bump(mine).click();
  await page.getByText("Ready. Come and get it.").waitFor(SOON);
  found.push(...(await wrong(page, "ready")));

  const arabic = await guest({ locale: "ar" });
  await arabic.getByText("طلب خارجي").first().waitFor(SOON);
  expect(await arabic.evaluate(() => document.documentElement.dir)).toBe("rtl");
  await fits(arabic);
  await arabic.getByRole("listitem").filter({ hasText: "Toasted bread" }).first().getByRole("button").click();
  await arabic.getByRole("button", { name: /^إضافة/ }).click();
  await arabic.getByRole("button", { name: /عرض طلبك/ }).click();
  await fits(arabic);
  found.push(...(await wrong(arabic, "cart in Arabic")));
  await arabic.getByRole("button", { name: "تغيير", exact: true }).first().click();
  await fits(arabic);
  found.push(...(await wrong(arabic, "times in Arabic")));
  await arabic.goBack();
  await arabic.getByRole("button", { name: /أضف رقمك/ }).click();
  await fits(arabic);
  found.push(...(await wrong(arabic, "number in Arabic")));
  expect(found).toEqual([]);
});

test("the page is at most 60 KB of script and style, as it comes over the wire", async () => {
  const { page } = await phone(browser);
  await expectLight(page, `${server.base}/r/casa-oliva`);
});
