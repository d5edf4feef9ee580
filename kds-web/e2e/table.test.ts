// What guests do at a table, and what must not go wrong: two phones and a kitchen, a lost answer, a dish that
// sells out in the cart, a price that changed, a second scan, two tabs, calls, the end of the stay.
// One server for all; each test has a table of its own.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, phone, shut } from "./browser";
import { choose, givePicture, guest, kitchen, order, SOON, tableLinks, waiter } from "./people";
import { type Server, serve } from "./server";

let browser: Browser;
let server: Server;
let links: string[];
let wall: Page;
let table = 0;
let link: string;
let label: string;

beforeAll(async () => {
  browser = await launch();
  server = await serve();
  links = await tableLinks(server);
  wall = await kitchen(browser, server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
beforeEach(() => {
  link = links[table] ?? "";
  table += 1;
  label = `T${table}`;
  const before = browser.contexts();
  return () => shut(browser, before);
});

const tickets = () => wall.getByRole("button", { name: new RegExp(`^Bump ${label}(?!\\d)`) });
const cartButton = (page: Page) => page.getByRole("button", { name: /See your order/ });

test("two phones that scan at once share a tab: who ordered what, and the bill in parts", async () => {
  const [one, two] = await Promise.all([guest(browser, server, link), guest(browser, server, link)]);
  await one.getByText("2 of you").waitFor(SOON);
  await choose(one, "Sangria jug");
  await order(one);
  await choose(two, "Toasted bread");
  await order(two);
  await expect.poll(() => tickets().count(), SOON).toBe(2);
  await two.getByText("The kitchen has your order").waitFor(SOON);
  await two.getByRole("button", { name: "Follow your order" }).click();
  await one.getByRole("button", { name: "Follow your order" }).click();
  await tickets().first().click();
  await one.getByText("Coming now").last().waitFor(SOON);
  expect(await two.getByText("Coming now").count()).toBe(0);
  await two.getByRole("button", { name: "Bill" }).click();
  await two.getByRole("heading", { name: "Your table" }).waitFor(SOON);
  await two
    .getByText(/Guest [12]/)
    .first()
    .waitFor(SOON);
  await two.getByText("Sangria jug").last().waitFor(SOON);
  await two.getByRole("button", { name: "By person" }).click();
  const parts = two.getByRole("region", { name: "The bill in parts" });
  expect(await parts.locator("dt").allTextContents()).toHaveLength(2);
  await two.getByRole("button", { name: "Evenly" }).click();
  await parts.getByText(/each/).waitFor(SOON);
  await two.getByRole("button", { name: "Receipt" }).click();
  await two.getByText(/not a tax document/).waitFor(SOON);
});

test("an answer that is lost on its way is asked for again, and the order exists once", async () => {
  const page = await guest(browser, server, link);
  await choose(page, "Sangria jug");
  let lost = 0;
  await page.route("**/api/orders", async (route) => {
    lost += 1;
    const taken = await route.fetch();
    expect(taken.status()).toBe(201);
    if (lost === 1) await route.abort("connectionreset");
    else await route.fulfill({ response: taken });
  });
  await cartButton(page).click();
  await page.getByRole("button", { name: /Send to the kitchen/ }).dblclick();
  await page.getByText("The kitchen has your order").waitFor(SOON);
  await expect.poll(() => tickets().count(), SOON).toBe(1);
  expect(lost).toBeGreaterThan(0);
});

test("a dish that is taken off reaches an open cart within a second, with a way on", async () => {
  const page = await guest(browser, server, link);
  await choose(page, "Sangria jug");
  await choose(page, "Toasted bread");
  await cartButton(page).click();
  const floor = await waiter(browser, server);
  await floor.getByRole("button", { name: "Dishes" }).click();
  const dish = floor.getByRole("listitem").filter({ hasText: "Sangria jug" });
  await dish.getByRole("button", { name: "Take off" }).click();
  await page.getByText("Just sold out, sorry").waitFor({ timeout: 1_000 });
  await page.getByRole("button", { name: "Go on without it" }).click();
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText("The kitchen has your order").waitFor(SOON);
  await dish.getByRole("button", { name: "Put on" }).click();
  await dish.getByRole("button", { name: "Take off" }).waitFor(SOON);
});

test("a price that changed since it was read is asked about before the order goes out", async () => {
  const { page } = await phone(browser);
  // What a phone holds that read the menu before the price was raised.
  await page.route("**/api/restaurants/*/menu", async (route) => {
    const answer = await route.fetch();
    if (answer.status() !== 200) return route.fulfill({ response: answer });
    const menu = (await answer.json()) as {
      categories: { items: { name: { en: string }; price: number }[] }[];
    };
    const items = menu.categories.flatMap((category) => category.items);
    for (const item of items) if (item.name.en === "Sangria jug") item.price -= 100;
    await route.fulfill({ response: answer, json: menu });
  });
  await page.goto(link);
  await choose(page, "Sangria jug");
  await cartButton(page).click();
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page
    .getByText(/A price has changed/)
    .first()
    .waitFor(SOON);
  expect(await tickets().count()).toBe(0);
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText("The kitchen has your order").waitFor(SOON);
});

test("a second scan, a second tab and the back button find the same guest and the same cart", async () => {
  const { page, context } = await phone(browser);
  await page.goto(link);
  await choose(page, "Sangria jug");
  const again = await context.newPage();
  await again.goto(link);
  await cartButton(again).waitFor(SOON);
  await again.getByText("only you").waitFor(SOON);
  await choose(again, "Toasted bread");
  await page.getByRole("button", { name: /2.*See your order/ }).waitFor(SOON);
  await cartButton(page).click();
  await page.goBack();
  await cartButton(page).waitFor(SOON);
  await cartButton(page).click();
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText("The kitchen has your order").waitFor(SOON);
  await expect.poll(() => cartButton(again).count(), SOON).toBe(0);
  await expect.poll(() => tickets().count(), SOON).toBe(1);
});

test("a guest calls the staff and asks for the bill; a waiter answers; the closed table keeps its bill", async () => {
  const page = await guest(browser, server, link);
  await choose(page, "Sangria jug");
  const sent = page.waitForRequest((request) => request.url().endsWith("/api/orders"));
  await order(page);
  const { authorization = "", ...headers } = (await sent).headers();
  await page.getByText("The kitchen has your order").waitFor(SOON);
  const floor = await waiter(browser, server);
  await page.getByRole("button", { name: "What do you need?" }).click();
  await page.getByRole("button", { name: "Water" }).click();
  await floor.getByRole("button", { name: new RegExp(`^${label} `) }).click();
  await floor.getByRole("button", { name: "I am going" }).click();
  await page.getByText("Somebody is coming").waitFor(SOON);
  await floor.getByRole("button", { name: "Done" }).click();
  await page.getByText(/Again in/).waitFor(SOON);
  await page.goBack();

  await tickets().click();
  await floor.getByRole("button", { name: "Served" }).click();
  await page
    .getByText(/^Served/)
    .first()
    .waitFor(SOON);
  await page.getByRole("button", { name: "Bill" }).click();
  await page.getByRole("button", { name: "Ask for the bill" }).click();
  await floor.getByRole("heading", { name: "The bill" }).waitFor(SOON);
  await floor.getByRole("button", { name: "Close" }).click();
  await floor.getByRole("dialog").getByRole("button", { name: "Close the table" }).click();

  await page.getByText("This table was closed").waitFor(SOON);
  const key = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
  const body = (await sent).postData() ?? "";
  const late = { method: "POST", headers: { ...key, authorization }, body };
  expect((await fetch(`${server.base}/api/orders`, late)).status).toBe(410);
  expect(headers["idempotency-key"]).toBeDefined();
  await page.reload();
  await page.getByText("This table was closed").waitFor(SOON);
  await page.getByText("Sangria jug").waitFor(SOON);
  await page.getByRole("button", { name: "Receipt" }).click();
  await page.getByText(/not a tax document/).waitFor(SOON);
  await page.goBack();
  await page.getByRole("button", { name: "Begin again at this table" }).click();
  await page.getByText("only you").waitFor(SOON);
});

test("what a guest does not eat is taken off the menu on this phone, and dishes of doubt say so", async () => {
  const page = await guest(browser, server, link);
  const dishes = page.getByRole("main").getByRole("listitem");
  const all = await dishes.count();
  await page.getByRole("button", { name: "What you do not eat" }).click();
  await page.getByRole("dialog").getByText("milk", { exact: true }).click();
  await page.getByRole("button", { name: /^Show \d+ dishes/ }).click();
  await page.getByText(/without milk · \d+ hidden/).waitFor(SOON);
  expect(await dishes.count()).toBeLessThan(all);
  await page.reload();
  await page.getByText(/without milk/).waitFor(SOON);
  await page.getByText("Not confirmed. Ask us.").first().waitFor(SOON);
});

test("an allergy goes to the kitchen and comes back confirmed, and the guest reads when it is ready", async () => {
  const page = await guest(browser, server, link);
  await choose(page, "Casa Oliva burger");
  await cartButton(page).click();
  await page.getByRole("button", { name: "Tell the kitchen" }).click();
  await page.getByLabel("Which allergy?").fill("peanut");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText("Allergy not confirmed yet: peanut").waitFor(SOON);
  await page.getByText(/^.?\d+–\d+.? min$/).waitFor(SOON);
  const ticket = wall.getByRole("article").filter({ has: tickets() });
  await ticket.getByRole("button", { name: "We have seen it" }).click();
  await page.getByText("Allergy confirmed: peanut").waitFor(SOON);
  await page.getByRole("button", { name: "Follow your order" }).click();
  await page.getByText(/^Confirmed by the kitchen, /).waitFor(SOON);
  await tickets().click();
  await page.getByText("Coming now").last().waitFor(SOON);
  expect(await page.getByText(/ min$/).count()).toBe(0);
});

test("a dish gets a picture: the menu shows it in the width that the phone needs, and moves nothing", async () => {
  const page = await guest(browser, server, link);
  const dish = page.getByRole("listitem").filter({ hasText: "Toasted bread" }).first();
  const before = await dish.boundingBox();
  await givePicture(server, "Toasted bread", await page.screenshot());
  await page.reload();
  const photo = dish.locator("img");
  await photo.waitFor(SOON);
  await expect
    .poll(() => photo.evaluate((img: HTMLImageElement) => img.naturalWidth), SOON)
    .toBeGreaterThan(0);
  expect(await photo.evaluate((img: HTMLImageElement) => new URL(img.currentSrc).pathname)).toMatch(/\/480$/);
  expect((await dish.boundingBox())?.height).toBe(before?.height);
  await page.route("**/pictures/**", (route) => route.abort());
  await page.evaluate(() => location.reload());
  await dish.locator("svg").first().waitFor(SOON);
  expect(await dish.locator("img").count()).toBe(0);
});
