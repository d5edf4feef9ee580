// What people do in a story, on the pages as they are.

import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { phone, wall } from "./browser";
import type { Server } from "./server";

export const SOON = { timeout: 15_000 };

/** How an address names what a screen shows; a test says it as a button of the first choice does. */
const ASKED: Readonly<Record<string, string>> = {
  "All stations": "all",
  Grill: "Grill & stove",
  Cold: "Cold kitchen",
  Pass: "pass",
  "Pickup board": "board",
};

/** Signed in as after a visit to the door: the cookie is there. What the door itself does, `signIn` shows. */
export async function letIn(page: Page, server: Server, email: string): Promise<void> {
  const data = { email, password: "comanda-demo", restaurant: "casa-oliva" };
  const answer = await page.context().request.post(`${server.base}/api/auth/login`, { data });
  if (!answer.ok()) throw new Error(`${email} may not in: ${answer.status()}`);
}

/**
 * The kitchen page, signed in and live, for all stations or for one; `before` runs in it before its own
 * scripts.
 */
export async function kitchen(
  browser: Browser,
  server: Server,
  station = "All stations",
  before?: () => void,
): Promise<Page> {
  const { page } = await wall(browser);
  if (before) {
    await page.addInitScript(before);
  }
  await letIn(page, server, "carmen@casa-oliva.example");
  const asked = encodeURIComponent(ASKED[station] ?? station);
  await page.goto(`${server.base}/kitchen/casa-oliva?station=${asked}`);
  await page.locator('div[data-trust="live"], main[data-trust="live"] section').first().waitFor(SOON);
  return page;
}

/** As a person does it: through the door, then what this screen shows. */
export async function signIn(
  page: Page,
  server: Server,
  station = "All stations",
  email = "carmen@casa-oliva.example",
): Promise<void> {
  await page.goto(`${server.base}/kitchen/casa-oliva`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("comanda-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: station }).click();
}

/** A ticket on a screen, by the name in its head. */
export function ticket(page: Page, name: string): Locator {
  return page
    .getByRole("article")
    .filter({ has: page.getByRole("button", { name: new RegExp(`^Bump ${name},`) }) });
}

/** Keys of a bump bar, one after the other. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
  }
}

/** Until the device keeps all that the page needs without a network: its files, and that table's ticket. */
export async function keeps(page: Page, table: string): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  const kept = () =>
    page.evaluate(
      () =>
        new Promise<string>((done) => {
          const opening = indexedDB.open("comanda.kitchen");
          opening.onsuccess = () => {
            const all = opening.result.transaction("boards").objectStore("boards").getAll();
            all.onsuccess = () => {
              opening.result.close();
              done(JSON.stringify(all.result));
            };
          };
        }),
    );
  await expect.poll(kept, SOON).toContain(`"label":"${table}"`);
}

/** A waiter's phone on the floor page, signed in; or somebody else's. */
export async function waiter(
  browser: Browser,
  server: Server,
  email = "lucia@casa-oliva.example",
): Promise<Page> {
  const { page } = await phone(browser);
  await letIn(page, server, email);
  await page.goto(`${server.base}/floor/casa-oliva`);
  await page.getByRole("heading", { name: "Floor" }).waitFor(SOON);
  return page;
}

/** What a manager shows to be let in. */
async function asManager(server: Server): Promise<{ authorization: string }> {
  const post = { method: "POST", headers: { "content-type": "application/json" } };
  const body = JSON.stringify({ email: "mateo@casa-oliva.example", password: "comanda-demo" });
  const login = await fetch(`${server.base}/api/auth/login`, { ...post, body });
  const { token } = (await login.json()) as { token: string };
  return { authorization: `Bearer ${token}` };
}

/** A manager gives a dish of the demo its picture. */
export async function givePicture(server: Server, dish: string, picture: Buffer): Promise<void> {
  const menu = await (await fetch(`${server.base}/api/restaurants/casa-oliva/menu`)).json();
  const { categories } = menu as { categories: { items: { id: string; name: { en: string } }[] }[] };
  const item = categories.flatMap(({ items }) => items).find(({ name }) => name.en.startsWith(dish));
  const headers = await asManager(server);
  const body = new Uint8Array(picture);
  const put = await fetch(`${server.base}/api/items/${item?.id}/picture`, { method: "PUT", headers, body });
  if (!put.ok) throw new Error(`${dish} got no picture: ${put.status} ${await put.text()}`);
}

/** The links that the codes on the tables contain, as a manager reads them. */
export async function tableLinks(server: Server): Promise<string[]> {
  const answer = await fetch(`${server.base}/api/tables`, { headers: await asManager(server) });
  const tables = (await answer.json()) as { link: string }[];
  return tables.map(({ link }) => link);
}

/** A phone at the demo's first table, or at the one whose link is given. */
export async function guest(browser: Browser, server: Server, link = server.tableLink): Promise<Page> {
  const { page } = await phone(browser);
  await page.goto(link);
  await page.getByRole("button", { name: /^Toasted bread/ }).waitFor(SOON);
  return page;
}

/** Puts a dish into the cart: the first answer to each question that needs one. */
export async function choose(page: Page, dish: string, note?: string): Promise<void> {
  await page
    .getByRole("button", { name: new RegExp(`^${dish}`) })
    .first()
    .click();
  const sheet = page.getByRole("dialog");
  await sheet.waitFor(SOON);
  await answer(page);
  if (note) {
    await sheet.getByLabel("A note for the kitchen").fill(note);
  }
  await sheet.getByRole("button", { name: /^Add/ }).click();
  await sheet.waitFor({ state: "hidden", ...SOON });
}

/** Answers what must be answered in the open sheet. */
export async function answer(page: Page): Promise<void> {
  const sheet = page.getByRole("dialog");
  const unanswered = sheet.locator("fieldset:not(:has(:checked)):has(input[type=radio])");
  while ((await unanswered.count()) > 0) {
    await unanswered.first().locator("label").first().click();
  }
}

export async function order(page: Page): Promise<void> {
  await page.getByRole("button", { name: /See your order/ }).click();
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
}
