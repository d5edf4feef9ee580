// The waiter's phone beside a guest's and the kitchen: the gate, calls, a party that moves, an order taken for
// guests without a phone, a dish that is taken off, and the end of the stay.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, shut } from "./browser";
import { answer, choose, guest, kitchen, order, SOON, waiter } from "./people";
import { type Server, serve } from "./server";

/** Longer than an event's way to every screen takes, by far. */
const NEWS_MS = 800;

let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await serve({}, ["--demo-gate", "seating"]);
  return async () => {
    await shut(browser);
    await server.stop();
  };
});

const bumps = (wall: Page) => wall.getByRole("button", { name: /^Bump / });

test("an order from a photo of the code waits at the gate; a waiter lets it in, and then the kitchen has it", async () => {
  const wall = await kitchen(browser, server);
  await wall.getByText("All done.").waitFor(SOON);
  const stranger = await guest(browser, server);
  await choose(stranger, "Sangria jug");
  await order(stranger);
  await stranger.getByText("Your order is kept for the kitchen").waitFor(SOON);

  const floor = await waiter(browser, server);
  await floor.getByRole("button", { name: /Calls$/ }).click();
  const card = floor.getByRole("region", { name: "T1" });
  await card.getByText("1 Sangria jug").waitFor(SOON);
  await floor.waitForTimeout(NEWS_MS);
  expect(await bumps(wall).count()).toBe(0);

  await card.getByRole("button", { name: "Let it in" }).click();
  await wall.getByRole("button", { name: "Bump T1" }).waitFor(SOON);
  await stranger.getByText("The kitchen has your order").waitFor(SOON);
  await floor.getByText("Nobody is calling.").waitFor(SOON);
});

test("nobody sits there: the party at the gate ends, and its order reaches no kitchen", async () => {
  const wall = await kitchen(browser, server);
  const stranger = await guest(browser, server);
  await choose(stranger, "Sangria jug");
  await order(stranger);
  const floor = await waiter(browser, server);
  await floor.getByRole("button", { name: /Calls$/ }).click();
  await floor.getByRole("button", { name: "Nobody sits there" }).click();
  await stranger.getByText("This table was closed").waitFor(SOON);
  await wall.getByText("All done.").waitFor(SOON);
  expect(await bumps(wall).count()).toBe(0);
});

test("a waiter seats a party, orders for it, moves it, serves it and closes its table", async () => {
  const wall = await kitchen(browser, server);
  const floor = await waiter(browser, server);
  await floor.getByRole("button", { name: /^T3 / }).click();
  await floor.getByRole("button", { name: "Seat a party" }).click();
  await floor.getByRole("button", { name: "New order" }).click();
  await floor.getByRole("button", { name: "Casa Oliva burger" }).click();
  await answer(floor);
  await floor.getByRole("dialog").getByRole("button", { name: /^Add/ }).click();
  await floor.getByLabel("Allergy").fill("sesame");
  await floor.getByRole("button", { name: /Send to the kitchen/ }).click();
  await floor.getByRole("heading", { name: /Order 1/ }).waitFor(SOON);
  await wall.getByRole("button", { name: "Bump T3" }).waitFor(SOON);
  await floor.getByText(/The kitchen has it/).waitFor(SOON);

  await floor.getByRole("button", { name: "Move" }).click();
  await floor.getByRole("dialog").getByRole("button", { name: /^T5/ }).click();
  await wall.getByRole("button", { name: "Bump T5" }).waitFor(SOON);
  await floor.getByRole("button", { name: "Back" }).click();
  await floor.getByRole("button", { name: /^T5 / }).click();

  await wall.getByRole("button", { name: "We have seen it" }).first().click();
  await floor.getByText(/The kitchen confirmed it/).waitFor(SOON);
  await wall.getByRole("button", { name: "Bump T5" }).click();
  await floor.getByRole("button", { name: "Served" }).click();
  await floor.getByRole("button", { name: "Close" }).click();
  await floor.getByRole("dialog").getByRole("button", { name: "Close the table" }).click();
  await floor.getByRole("button", { name: "Seat a party" }).waitFor(SOON);
});

test("where a PIN opens the gate, the waiter's phone tells it, and the guest's order goes through with it", async () => {
  const other = await serve({}, ["--demo-gate", "pin"]);
  try {
    const page = await guest(browser, other);
    const floor = await waiter(browser, other);
    await floor.getByRole("button", { name: /^T1 / }).click();
    const told = await floor.getByText(/^PIN for this table/).textContent(SOON);
    await choose(page, "Sangria jug");
    await page.getByRole("button", { name: /See your order/ }).click();
    await page.getByLabel("PIN", { exact: true }).fill(/\d{4}/.exec(told ?? "")?.[0] ?? "");
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByLabel("PIN", { exact: true }).waitFor({ state: "hidden", ...SOON });
    await page.getByRole("button", { name: /Send to the kitchen/ }).click();
    await floor.getByRole("heading", { name: /Order 1/ }).waitFor(SOON);
    expect(await floor.getByText("Let it in").count()).toBe(0);
  } finally {
    await other.stop();
  }
});

test("a manager's phone gives a dish its photo; a waiter's may not; what is no photo is said", async () => {
  const floor = await waiter(browser, server);
  await floor.getByRole("button", { name: "Dishes" }).click();
  await floor
    .getByRole("button", { name: /^Take off/ })
    .first()
    .waitFor(SOON);
  expect(await floor.getByLabel(/^Photo of /).count()).toBe(0);
  const manager = await waiter(browser, server, "mateo@casa-oliva.example");
  await manager.getByRole("button", { name: "Dishes" }).click();
  const dish = manager.getByRole("listitem").filter({ hasText: "Sangria jug" });
  const field = dish.getByLabel("Photo of Sangria jug");
  await field.setInputFiles({ name: "notes.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await dish.getByText("The photo was not taken").waitFor(SOON);
  expect(await dish.locator("img").count()).toBe(0);
  const photo = await manager.screenshot();
  await field.setInputFiles({ name: "dish.png", mimeType: "image/png", buffer: photo });
  await dish.locator("img").waitFor(SOON);
  expect(await dish.getByText("The photo was not taken").count()).toBe(0);
  // And takes it away again, asked twice.
  await dish.getByRole("button", { name: "Remove the photo" }).click();
  await dish.getByRole("button", { name: "No", exact: true }).click();
  expect(await dish.locator("img").count()).toBe(1);
  await dish.getByRole("button", { name: "Remove the photo" }).click();
  await dish.getByRole("button", { name: "Yes, remove it" }).click();
  await dish.locator("img").waitFor({ state: "detached", ...SOON });
});
