// A kitchen over HTTPS with a certificate of its own network, and the page that says how to trust it.

import type { Browser, WebSocket } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findings } from "./axe";
import { launch, shut, wall } from "./browser";
import { keeps, SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serveOverTls } from "./server";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  // Stands for the step that a person does on the device: this browser takes the certificate.
  browser = await launch("no-user-gesture-required", "--ignore-certificate-errors");
  server = await serveOverTls();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(() => shut(browser));

test("over HTTPS the kitchen is live on its socket, stays signed in, and opens without a network", async () => {
  const { page, context } = await wall(browser);
  const sockets: WebSocket[] = [];
  page.on("websocket", (socket) => sockets.push(socket));
  await signIn(page, server, "Grill");
  const till = await Till.open(server);
  await till.order(["Ribeye"], { table: "T1" });
  await ticket(page, "T1").waitFor(SOON);
  expect(sockets.map((socket) => [socket.url().slice(0, 6), socket.isClosed()])).toEqual([["wss://", false]]);
  const [cookie] = (await context.cookies(`${server.base}/api/auth`)).filter(({ httpOnly }) => httpOnly);
  expect(cookie?.secure).toBe(true);
  await keeps(page, "T1");
  await page.reload();
  await page.getByText("Live").waitFor(SOON);
  await context.setOffline(true);
  await page.reload();
  await ticket(page, "T1").waitFor(SOON);
  await page.getByText("Not connected.").waitFor(SOON);
});

test("plain HTTP beside it says how to trust it, for each system and in every language", async () => {
  const { page } = await wall(browser);
  await page.goto(`${server.plain}/trust`);
  await page.getByRole("heading", { name: "Trust this server" }).waitFor(SOON);
  await page.getByText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/).waitFor(SOON);
  const download = page.waitForEvent("download", SOON);
  await page.getByRole("link", { name: "Download the certificate" }).click();
  expect((await download).suggestedFilename()).toBe("comanda.crt");
  for (const system of ["iPad, iPhone", "Android", "Windows", "macOS", "Linux"]) {
    await page.getByRole("button", { name: system }).click();
    await expect.poll(() => page.getByRole("listitem").count(), SOON).toBe(3);
  }
  expect(await findings(page)).toEqual([]);
  for (const title of [
    "Confiar en este servidor",
    "Diesem Server vertrauen",
    "信任这台服务器",
    "الثقة بهذا الخادم",
  ]) {
    const language = { C: "es", D: "de", 信: "zh", ا: "ar" }[title.charAt(0)] ?? "en";
    await page.getByRole("combobox").selectOption(language);
    await page.getByRole("heading", { name: title }).waitFor(SOON);
  }
  expect(await page.evaluate(() => document.documentElement.dir)).toBe("rtl");
  const kitchen = page.getByRole("link").last();
  expect(await kitchen.getAttribute("href")).toBe(`${server.base}/kitchen/`);
});
