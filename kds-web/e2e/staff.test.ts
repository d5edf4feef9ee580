// A manager's page of who works here: somebody is added, signs in, gets another role, a new password, and goes.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findings } from "./axe";
import { launch, phone, shut } from "./browser";
import { letIn, SOON } from "./people";
import { type Server, serve } from "./server";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(() => shut(browser));

async function loginStatus(email: string, password: string): Promise<number> {
  const body = JSON.stringify({ email, password, restaurant: "casa-oliva" });
  const headers = { "content-type": "application/json" };
  return (await fetch(`${server.base}/api/auth/login`, { method: "POST", headers, body })).status;
}

test("a manager adds somebody, gives another role and a new password, and sends them away", async () => {
  const { page, errors } = await phone(browser);
  await page.goto(`${server.base}/staff/casa-oliva`);
  await page.getByLabel("E-mail").fill("mateo@casa-oliva.example");
  await page.getByLabel("Password").fill("comanda-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Who works here" }).waitFor(SOON);
  const card = (name: string) => page.getByRole("listitem").filter({ hasText: name });
  await card("mateo@casa-oliva.example").getByText("this is you").waitFor(SOON);
  expect(await card("rosa@casa-oliva.example").getByRole("button").count(), "above a manager").toBe(0);
  expect(await findings(page)).toEqual([]);

  const email = `nuria.${Date.now()}@casa-oliva.example`;
  await page.getByLabel("Name").fill("Nuria");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Their first password").fill("first-of-hers");
  await page.locator("select[name=role]").selectOption("waiter");
  await page.getByRole("button", { name: "Add them" }).click();
  await card(email).waitFor(SOON);
  expect(await loginStatus(email, "first-of-hers")).toBe(200);
  await expect.poll(() => page.getByLabel("Name").inputValue(), SOON).toBe("");

  await page.getByLabel("Name").fill("Nuria");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Their first password").fill("first-of-hers");
  await page.getByRole("button", { name: "Add them" }).click();
  await page.getByText("They work here already.").waitFor(SOON);

  await page.getByLabel("Role of Nuria").selectOption("kitchen");
  await page.reload();
  await card(email).waitFor(SOON);
  expect(await page.getByLabel("Role of Nuria").inputValue()).toBe("kitchen");

  await page.getByRole("button", { name: /^New password.*Nuria$/ }).click();
  await page.getByLabel("A new password for Nuria").fill("second-of-hers");
  await page.getByRole("button", { name: "Replace it" }).click();
  await page.getByLabel("A new password for Nuria").waitFor({ state: "detached", ...SOON });
  expect(await loginStatus(email, "first-of-hers")).toBe(401);
  expect(await loginStatus(email, "second-of-hers")).toBe(200);

  await page.getByRole("button", { name: /^Send away.*Nuria$/ }).click();
  await page.getByRole("button", { name: "Send Nuria away" }).click();
  await card(email).waitFor({ state: "detached", ...SOON });
  expect(await loginStatus(email, "second-of-hers")).not.toBe(200);
  expect(errors).toEqual([]);
});

test("nobody but managers comes in, and the page speaks the phone's language from its side", async () => {
  const { page } = await phone(browser);
  await letIn(page, server, "lucia@casa-oliva.example");
  await page.goto(`${server.base}/staff/casa-oliva`);
  await page.getByText("This page is for managers.").waitFor(SOON);
  expect(await page.getByRole("listitem").count()).toBe(0);

  const { page: arabic } = await phone(browser, { locale: "ar" });
  await letIn(arabic, server, "rosa@casa-oliva.example");
  await arabic.goto(`${server.base}/staff/casa-oliva`);
  await arabic.getByRole("heading", { name: "من يعمل هنا" }).waitFor(SOON);
  await arabic.getByText("mateo@casa-oliva.example").waitFor(SOON);
  expect(await arabic.evaluate(() => document.documentElement.dir)).toBe("rtl");
  expect(await arabic.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
    0,
  );
  expect(await findings(arabic)).toEqual([]);
});
