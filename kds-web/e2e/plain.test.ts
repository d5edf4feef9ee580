// A kitchen on plain HTTP, as a LAN without certificates is: everything works but what browsers give to HTTPS
// only, and the check before a shift says what that is.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, wall } from "./browser";
import { SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

const HOST = "kitchen.example";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  // A name instead of the loopback address, which browsers trust without HTTPS.
  browser = await launch("no-user-gesture-required", `--host-resolver-rules=MAP ${HOST} 127.0.0.1`);
  server = await serve();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test("on plain HTTP tickets come, taps go and are kept, and the check says what wants HTTPS", async () => {
  const till = await Till.open(server);
  const { page, context, errors } = await wall(browser);
  await signIn(page, { ...server, base: server.base.replace("127.0.0.1", HOST) }, "Grill");
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await till.order(["Ribeye"], { table: "T1" });
  const order = await till.order(["Pulpo"], { table: "T2" });
  await ticket(page, "T2").waitFor(SOON);
  await page.getByRole("button", { name: "Bump T1" }).click();
  await ticket(page, "T1").waitFor({ state: "detached", ...SOON });
  await expect.poll(() => till.seenAt(order.id), SOON).not.toBeNull();

  await page.getByRole("button", { name: "Check this screen" }).click();
  const check = page.getByRole("dialog", { name: "Check this screen" });
  for (const missing of ["Stays awake", "Opens without a network"]) {
    await check.getByText(missing).getByText("needs HTTPS").waitFor(SOON);
  }
  await check.getByText("Keeps taps over a reload").waitFor(SOON);
  expect(await check.getByText("Keeps taps over a reload").getByText("needs HTTPS").count()).toBe(0);
  await check.getByRole("button", { name: "OK" }).click();

  await context.setOffline(true);
  await page.getByText("Not connected.").waitFor(SOON);
  await page.getByRole("button", { name: "Bump T2" }).click();
  await page.getByText("your tap is kept").waitFor(SOON);
  await context.setOffline(false);
  await page.reload();
  await page.getByText("Live").waitFor({ timeout: 30_000 });
  const stateOf = async () => (await till.orders()).orders.find(({ id }) => id === order.id)?.state;
  await expect.poll(stateOf, SOON).toBe("ready");
  expect(errors).toEqual([]);
});
