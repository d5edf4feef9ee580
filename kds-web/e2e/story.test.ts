// The story of the README: a guest orders two dishes with options and a note, the ticket appears on the
// kitchen's screen in another window, a tap there appears on the phone. And what must not break it:
// a lost connection, a reload, a server that dies while the order is on its way.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, phone, shut } from "./browser";
import { choose, kitchen, order, SOON } from "./people";
import { type Server, serve } from "./server";

/** The kitchen takes a second tap this soon after the first for a slip of the finger. */
const DOUBLE_TAP_MS = 600;

let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await serve();
  return async () => {
    await shut(browser);
    await server.stop();
  };
});

async function emptyKitchen(): Promise<Page> {
  const page = await kitchen(browser, server);
  await page.getByText("All done.").waitFor(SOON);
  return page;
}

test("an order on the phone is a ticket in the kitchen, and a tap there is on the phone", async () => {
  const wallPage = await emptyKitchen();
  const { page: guest, errors } = await phone(browser);
  await guest.goto(server.tableLink);
  await choose(guest, "Casa Oliva burger", "No onion on the side");
  await choose(guest, "Sangria jug");
  await order(guest);

  const ticket = wallPage.getByRole("article").filter({ hasText: "T1" }).first();
  await ticket.getByText("No onion on the side").waitFor(SOON);
  await ticket.getByText("Casa burger").waitFor(SOON);
  await guest.getByText("The kitchen has your order").waitFor(SOON);

  await guest.getByRole("button", { name: "Follow your order" }).click();
  const line = ticket.getByRole("button", { name: /Casa burger/ });
  await line.click();
  await guest.getByText("Being made").first().waitFor(SOON);
  await wallPage.waitForTimeout(DOUBLE_TAP_MS);
  await line.click();
  await guest.getByText("Coming now").first().waitFor(SOON);

  await wallPage.getByRole("button", { name: "Bump T1" }).click();
  await wallPage.getByText("All done.").waitFor(SOON);
  expect(errors).toEqual([]);
});

test("an order sent without a connection goes out by itself, once", async () => {
  const wallPage = await emptyKitchen();
  const { page: guest, context } = await phone(browser);
  await guest.goto(server.tableLink);
  await choose(guest, "Sangria jug");
  await context.setOffline(true);
  await order(guest);
  await guest
    .getByText(/kept on this phone/i)
    .first()
    .waitFor(SOON);
  await guest.reload().catch(() => undefined);
  await context.setOffline(false);
  await guest.goto(server.tableLink);
  await wallPage.getByRole("button", { name: "Bump T1" }).waitFor(SOON);
  await expect.poll(() => wallPage.getByRole("button", { name: /^Bump / }).count(), SOON).toBe(1);
});

test("a server that is killed while people order comes back, and so do they", async () => {
  const wallPage = await emptyKitchen();
  const { page: guest } = await phone(browser);
  await guest.goto(server.tableLink);
  await choose(guest, "Sangria jug");
  await server.kill();
  await order(guest);
  await wallPage.getByText("Not connected.").waitFor(SOON);
  await server.restart();
  await wallPage.getByRole("button", { name: "Bump T1" }).waitFor({ timeout: 40_000 });
  expect(await wallPage.getByRole("button", { name: /^Bump / }).count()).toBe(1);
  await guest.getByText("The kitchen has your order").waitFor({ timeout: 40_000 });
  await wallPage.getByRole("button", { name: "Bump T1" }).click();
  await wallPage.getByText("All done.").waitFor(SOON);
});
