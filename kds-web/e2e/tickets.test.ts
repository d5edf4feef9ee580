// What stands on a ticket, and that it stays where it stands: places, pages, ages, other stations, notes,
// what was added, what is for later, what was struck, and orders that no screen shows.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Command, Order } from "../src/wire/types";
import { launch, shut, wall } from "./browser";
import { kitchen, press, SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";
import { ageing, PROMISED_MINUTES } from "./service";

const SLOTS = 12;

let browser: Browser;
let server: Server;
let till: Till;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), serve({ COMANDA_LIMITS__STAFF_REQUESTS: "10000" })]);
  till = await Till.open(server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(async () => {
  await shut(browser);
  await till.clear();
});

const cellOf = (page: Page, name: string) => ticket(page, name).getAttribute("data-cell");

test("no ticket moves when others come and go; the gap is for the next one, and pages turn", async () => {
  const page = await kitchen(browser, server, "Grill");
  const orders = [];
  for (let i = 0; i < SLOTS + 2; i += 1) {
    orders.push(await till.order(["Ribeye"]));
  }
  const [first, second] = orders;
  const names = orders.map(({ number }) => `#${number}`);
  await ticket(page, names[SLOTS - 1] ?? "").waitFor(SOON);
  const here = names.slice(1, SLOTS);
  const before = await Promise.all(here.map((name) => cellOf(page, name)));
  expect(new Set(before).size).toBe(SLOTS - 1);
  await page.getByRole("button", { name: "Page 2" }).waitFor(SOON);

  await till.give({ name: "order.bump", args: { order: first?.id ?? "" } });
  await ticket(page, names[0] ?? "").waitFor({ state: "detached", ...SOON });
  await expect.poll(() => cellOf(page, names[SLOTS] ?? ""), SOON).toBe("0");
  expect(await Promise.all(here.map((name) => cellOf(page, name)))).toEqual(before);

  await press(page, "PageDown");
  await ticket(page, names[SLOTS + 1] ?? "").waitFor(SOON);
  expect(await page.getByRole("article").count()).toBe(1);
  await press(page, "Home", "0", "1", "1", "Control");
  await ticket(page, `#${second?.number}`).waitFor(SOON);
});

test("a ticket's age fills it: new, on time, soon and late, each by sign and word", async () => {
  const orders = [];
  for (let i = 0; i < 4; i += 1) {
    orders.push(await till.order(["Ribeye"]));
  }
  const ages = orders.map(({ number, placed_at, due_at }, i): [number, number] => {
    const promised = Math.min(PROMISED_MINUTES, (Date.parse(due_at) - Date.parse(placed_at)) / 60_000);
    return [number, [0, 2, promised * 0.9, promised + 4][i] ?? 0];
  });
  const { page } = await wall(browser);
  await ageing(page, new Map(ages));
  await signIn(page, server, "Grill");
  const says = ["new", "on time", "soon", /^late 4:\d\d$/];
  for (const [i, said] of says.entries()) {
    const one = ticket(page, `#${orders[i]?.number}`);
    await one.getByText(said, { exact: true }).first().waitFor(SOON);
  }
  const heads = page.locator("[data-age]");
  const judged = await heads.evaluateAll((all) => all.map((head) => head.getAttribute("data-age")));
  expect(new Set(judged)).toEqual(new Set(["new", "fresh", "soon", "late"]));
  const fills = await heads.evaluateAll((all) => all.map((head) => getComputedStyle(head).backgroundColor));
  expect(new Set(fills).size, "what is soon or late is filled, what is not is grey").toBe(3);
  const counted = page.locator("header p");
  await expect.poll(() => counted.textContent(), SOON).toMatch(/1\s*late.*1\s*soon/);
});

test("a dish of two stations says where else it is made, and when it is done there", async () => {
  const page = await kitchen(browser, server, "Grill");
  await till.order(["Dbl cheese"], { table: "T1" });
  const also = ticket(page, "T1").getByText("also at Fryer");
  await also.waitFor(SOON);
  expect(await also.locator("svg").count()).toBe(0);
  await page.getByRole("button", { name: "Bump T1" }).click();
  await ticket(page, "T1").waitFor({ state: "detached", ...SOON });
  const fryer = await kitchen(browser, server, "Fryer");
  await ticket(fryer, "T1").getByText("also at Grill & stove").locator("svg").waitFor(SOON);
});

test("notes are never cut, however long, in any text size, and two stations share a screen", async () => {
  const note = `${"No salt, no butter, the sauce in a bowl beside it. ".repeat(5)}END OF THE LINE`;
  const whole = `${"One of them is in a wheelchair: please leave room at the table. ".repeat(3)}END OF THE ORDER`;
  await till.order([{ dish: "Ribeye", note }, "Gazpacho", { dish: "Pulpo", note }], {
    table: "T5",
    note: whole,
    allergy: "peanuts and everything that was near them",
  });
  const page = await kitchen(browser, server, "Grill & stove,Cold kitchen");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("heading", { name: "Grill & stove + Cold kitchen" }).waitFor(SOON);
  for (const size of ["A−", "A++"]) {
    await page.locator("h1 button").click();
    await page.getByRole("button", { name: size, exact: true }).click();
    await page.locator("[data-panel]").getByRole("button", { name: "Close" }).click();
    await page.locator("[data-panel]").waitFor({ state: "detached", ...SOON });
    expect(await hanging(page), "the bar tells all it has to tell").toEqual([]);
    const pages = Math.max(1, await page.getByRole("button", { name: /^Page \d$/ }).count());
    const ends = { "END OF THE LINE": 0, "END OF THE ORDER": 0 };
    for (let nth = 0; nth < pages; nth += 1) {
      await press(page, nth === 0 ? "Home" : "PageDown");
      await expect.poll(() => cutOff(page), SOON).toEqual([]);
      ends["END OF THE LINE"] += await page.getByText("END OF THE LINE").count();
      ends["END OF THE ORDER"] += await page.getByText("END OF THE ORDER").count();
    }
    expect(ends).toEqual({ "END OF THE LINE": 2, "END OF THE ORDER": 1 });
  }
});

/** What of the bar hangs out of the screen. */
function hanging(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("header, header *")].flatMap((one) => {
      const { left, right, width } = one.getBoundingClientRect();
      return width > 1 && (left < 0 || right > innerWidth) ? [one.textContent ?? ""] : [];
    }),
  );
}

/** Words on tickets that somebody cannot read: outside their ticket, or outside the screen. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("article")].flatMap((article) => {
      const edge = article.getBoundingClientRect();
      const words = [...article.querySelectorAll("bdi, p, b, time, span")].filter((one) => one.textContent);
      const out = words.filter((one) => {
        const box = one.getBoundingClientRect();
        const outside =
          box.bottom > edge.bottom + 1 || box.right > edge.right + 1 || box.left < edge.left - 1;
        return box.width > 1 && (outside || box.bottom > innerHeight);
      });
      return out.map((one) => one.textContent?.slice(0, 40) ?? "");
    }),
  );
}

test("more for a table is marked until somebody begins it", async () => {
  const page = await kitchen(browser, server, "Grill");
  await till.order(["Ribeye"], { table: "T2" });
  await ticket(page, "T2").waitFor(SOON);
  await till.order(["Pulpo"], { table: "T2" });
  const more = ticket(page, "T2").filter({ hasText: "Pulpo" });
  await more.getByText("added").waitFor(SOON);
  expect(await page.getByText("added").count()).toBe(1);
  await more.getByRole("button", { name: /Pulpo/ }).click();
  await page.getByText("added").waitFor({ state: "detached", ...SOON });
});

test("what is ordered for later waits in a drawer, and is begun by a key; also on a wall that stands upright", async () => {
  const page = await kitchen(browser, server, "Grill");
  await page.setViewportSize({ width: 1080, height: 1920 });
  const pickup_at = new Date(Date.now() + 3 * 3_600_000).toISOString();
  const order = await till.order(["Ribeye"], { pickup_at });
  const name = `#${order.number}`;
  await page.getByRole("button", { name: /^Scheduled 1/ }).waitFor(SOON);
  expect(await ticket(page, name).count()).toBe(0);
  await press(page, "d");
  const drawer = page.getByRole("dialog", { name: "Scheduled" });
  await drawer.getByText(/^for \d\d:\d\d$/).waitFor(SOON);
  await drawer.getByText(/^begins \d\d:\d\d$/).waitFor(SOON);
  await press(page, "Enter");
  await drawer.getByText("Nothing is ordered for later.").waitFor(SOON);
  await press(page, "Escape");
  await ticket(page, name).getByText("Takeaway").waitFor(SOON);
  expect(await hanging(page)).toEqual([]);
});

test("what was struck and what was cancelled is crossed out, says so and why, and waits for an OK", async () => {
  const page = await kitchen(browser, server, "Grill");
  const order = await till.order([{ dish: "Ribeye", quantity: 2 }, "Pulpo"], { table: "T4" });
  const t4 = ticket(page, "T4");
  await t4.waitFor(SOON);
  const line = order.lines[0]?.id ?? "";
  await till.give({ name: "line.void", args: { order: order.id, line, reason: "Sent back" } });
  const struck = t4.locator("[data-mark=voided]");
  await struck.getByText("Sent back").waitFor(SOON);
  const through = await struck.getByText("Ribeye").evaluate((dish) => {
    const lines = [dish, dish.parentElement].map((one) => one && getComputedStyle(one).textDecorationLine);
    return lines.some((line) => line === "line-through");
  });
  expect(through).toBe(true);
  await struck.getByText("OK, not cooking it").waitFor(SOON);

  await till.give({ name: "order.cancel", args: { order: order.id, reason: "Guests left" } });
  await t4.getByText(/^Cancelled \d\d:\d\d/).waitFor(SOON);
  await t4.getByText("Guests left").waitFor(SOON);
  expect(await t4.locator("[data-age]").getAttribute("data-age")).toBe("cancelled");
  await t4.getByRole("button", { name: "OK, not cooking it" }).first().click();
  await t4.waitFor({ state: "detached", ...SOON });
  await page.reload();
  await page.getByText("All done.").waitFor(SOON);
});

test("an order that no screen shows is said on every screen; a key says that they were told", async () => {
  const [grill, cold] = await Promise.all([
    kitchen(browser, server, "Grill"),
    kitchen(browser, server, "Cold"),
  ]);
  const drink = await till.order(["Sangría"], { table: "T8" });
  const said = /T8 is not on the Bar screen/;
  await Promise.all([grill, cold].map((page) => page.getByText(said).waitFor({ timeout: 40_000 })));
  await press(grill, "g");
  await grill.getByText(said).waitFor({ state: "detached", ...SOON });
  expect(await cold.getByText(said).count()).toBe(1);
  await kitchen(browser, server, "All stations");
  await cold.getByText(said).waitFor({ state: "detached", ...SOON });
  await expect.poll(() => till.seenAt(drink.id), SOON).not.toBeNull();
});

/** More than a screen is told of when it starts. */
const SHIFT_ORDERS = 54;

test("the whole shift can be brought back: the list goes on with what was earlier, and says how long it took", async () => {
  const orders: Order[] = [];
  while (orders.length < SHIFT_ORDERS) {
    orders.push(...(await Promise.all([1, 2, 3, 4, 5, 6].map(() => till.order(["Ribeye"])))));
  }
  for (let i = 0; i < orders.length; i += 6) {
    const gone = orders.slice(i, i + 6).flatMap(({ id }): Command[] => [
      { name: "order.bump", args: { order: id } },
      { name: "order.complete", args: { order: id } },
    ]);
    await till.give(...gone);
  }
  const page = await kitchen(browser, server, "Grill");
  await page.getByText(/^Pace \d+:\d\d/).waitFor(SOON);
  await press(page, "b");
  const list = page.getByRole("dialog", { name: "Bumped" });
  const first = Math.min(...orders.map(({ number }) => number));
  const oldest = list.getByRole("button", { name: `Bring back #${first}`, exact: true });
  await list
    .getByRole("button", { name: /^Bring back/ })
    .first()
    .waitFor(SOON);
  expect(await oldest.count()).toBe(0);
  const earlier = list.getByRole("button", { name: "Earlier" });
  const all = list.getByRole("button", { name: "That is all" });
  await earlier.click();
  await oldest.waitFor(SOON);
  // Other tests' orders are older still.
  for (let more = 0; more < 5 && !(await all.isVisible()); more += 1) {
    await earlier.click({ timeout: 2_000 }).catch(() => undefined);
  }
  await all.waitFor(SOON);
  await oldest.click();
  await press(page, "Escape");
  await ticket(page, `#${first}`).waitFor(SOON);
  for (const { number } of orders.filter(({ number }) => number !== first)) {
    expect(await ticket(page, `#${number}`).count()).toBe(0);
  }
});
