// Wet hands: a whole service by keys alone, the lists at the side, tickets that are carried and pinned. Each
// test is a screen of its own on one server; tables keep them apart.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Menu, ServerMessage } from "../src/wire/types";
import { launch, shut, wall } from "./browser";
import { kitchen, press, SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

/** The kitchen takes a second press this soon after the first for a slip of the finger. */
const DOUBLE_TAP_MS = 600;

let browser: Browser;
let server: Server;
let till: Till;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
  till = await Till.open(server);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});
afterEach(() => shut(browser));

test("a whole ticket by keys alone: allergy, rush, lines, bump, undo, bump, bring back", async () => {
  const page = await kitchen(browser, server, "Grill");
  await till.order(["Ribeye", { dish: "Pulpo", quantity: 2 }], { table: "T3", allergy: "nuts" });
  const t3 = ticket(page, "T3");
  await t3.waitFor(SOON);

  await press(page, "1", " ");
  await page.getByText("Confirm the allergy first.").waitFor(SOON);
  await press(page, "Enter");
  await expect.poll(() => t3.getByRole("button", { name: "We have seen it" }).count(), SOON).toBe(0);
  await press(page, "r");
  await t3.getByText("RUSH").waitFor(SOON);

  await press(page, "Enter", "Enter");
  await t3.locator("[data-mark=started]", { hasText: "Ribeye" }).waitFor(SOON);
  await press(page, "ArrowDown", "Enter");
  await t3.locator("[data-mark=started]", { hasText: "Pulpo" }).waitFor(SOON);
  await page.waitForTimeout(DOUBLE_TAP_MS);
  await press(page, "Enter");
  await t3.locator("[data-mark=done]", { hasText: "Pulpo" }).waitFor(SOON);

  await press(page, "Escape", " ");
  await t3.waitFor({ state: "detached", ...SOON });
  await press(page, "z");
  await t3.locator("[data-mark=started]", { hasText: "Ribeye" }).waitFor(SOON);
  await t3.locator("[data-mark=done]", { hasText: "Pulpo" }).waitFor(SOON);
  await page.waitForTimeout(DOUBLE_TAP_MS);
  await press(page, "Control");
  await t3.waitFor({ state: "detached", ...SOON });

  await press(page, "Backspace");
  await t3.waitFor(SOON);
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
  await till.clear();
});

test("the list of bumped tickets brings an older one back, by keys", async () => {
  const page = await kitchen(browser, server, "Grill");
  for (const table of ["T4", "T5", "T6"]) {
    await till.order(["Ribeye"], { table });
    await ticket(page, table).waitFor(SOON);
  }
  await till.clear();
  await ticket(page, "T6").waitFor({ state: "detached", ...SOON });
  await press(page, "b");
  const list = page.getByRole("dialog", { name: "Bumped" });
  await list.getByRole("button", { name: "Bring back T4" }).waitFor(SOON);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  for (let i = 0; i < 6 && !(await focused()).endsWith("T4"); i += 1) {
    await press(page, "ArrowDown");
  }
  await press(page, "Enter", "Escape");
  await ticket(page, "T4").waitFor(SOON);
  expect(await page.getByRole("article").count()).toBe(1);
  await till.clear();
});

test("a dish is sold out, counted and back, from one screen on the other", async () => {
  const [one, two] = await Promise.all([kitchen(browser, server, "Grill"), kitchen(browser, server, "Cold")]);
  await press(one, "s");
  const list = one.getByRole("dialog", { name: "Sold out" });
  await list.getByRole("button", { name: "Red tuna tataki: Sold out" }).click();
  await two.getByRole("listitem").filter({ hasText: "Tataki" }).waitFor(SOON);
  await expect(till.order(["Tataki"])).rejects.toThrow("sold_out");

  await list
    .getByRole("button", { name: /^Red tuna tataki/ })
    .first()
    .click();
  await list.getByRole("button", { name: "3", exact: true }).click();
  await two.getByText("3 left").waitFor(SOON);
  await till.order([{ dish: "Tataki", quantity: 3 }]);
  await expect(till.order(["Tataki"])).rejects.toThrow("sold_out");
  await list.getByRole("button", { name: "Red tuna tataki: Back on" }).click();
  await till.order(["Tataki"]);
  await till.clear();
});

test("all day counts portions by dish and by option", async () => {
  const page = await kitchen(browser, server, "Grill");
  await till.order([{ dish: "Ribeye", quantity: 2 }], { table: "T7" });
  await till.order(["Ribeye", { dish: "Pulpo", quantity: 4 }], { table: "T8" });
  await ticket(page, "T8").waitFor(SOON);
  await press(page, "a");
  const list = page.getByRole("dialog", { name: "All day" });
  const ribeye = list.getByRole("listitem").filter({ hasText: "Ribeye" });
  await expect.poll(() => ribeye.textContent(), SOON).toMatch(/^3\s*Ribeye.*3\s*Rare/);
  await press(page, "a");
  expect(await list.count()).toBe(0);
  await till.clear();
});

test("a carried ticket stays where it was put when gaps are closed, also after a reload", async () => {
  const page = await kitchen(browser, server, "Grill");
  for (const table of ["T9", "T10", "T11"]) {
    await till.order(["Ribeye"], { table });
    await ticket(page, table).waitFor(SOON);
  }
  const cell = async (table: string) => Number(await ticket(page, table).getAttribute("data-cell"));
  await press(page, "1", "Shift+ArrowRight");
  expect([await cell("T9"), await cell("T11")]).toEqual([2, 0]);
  await page.getByRole("button", { name: "Bump T10" }).click();
  await ticket(page, "T10").waitFor({ state: "detached", ...SOON });
  await press(page, "t");
  expect([await cell("T9"), await cell("T11")]).toEqual([2, 0]);

  const to = await page.locator('[data-cell="7"]').boundingBox();
  const head = page.getByRole("button", { name: "Bump T11" });
  await head.hover();
  await page.mouse.down();
  await page.mouse.move((to?.x ?? 0) + 40, (to?.y ?? 0) + 60, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => cell("T11"), SOON).toBe(7);
  await till.clear();
});

test("a key of the bump bar gets another meaning, and keeps it", async () => {
  const page = await kitchen(browser, server, "Grill");
  await till.order(["Ribeye"], { table: "T12" });
  await ticket(page, "T12").waitFor(SOON);
  await press(page, "?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await keys.getByRole("button", { name: /^bump:/ }).click();
  await press(page, "F9");
  await keys.getByRole("button", { name: "bump: F9" }).waitFor(SOON);
  await press(page, "Escape");
  await page.reload();
  await ticket(page, "T12").waitFor(SOON);
  await press(page, "1", " ");
  await page.waitForTimeout(DOUBLE_TAP_MS);
  expect(await ticket(page, "T12").count()).toBe(1);
  await press(page, "F9");
  await ticket(page, "T12").waitFor({ state: "detached", ...SOON });
});

test("a course waits, is fired from another screen, and a line is moved and made again", async () => {
  const [grill, cold] = await Promise.all([
    kitchen(browser, server, "Grill"),
    kitchen(browser, server, "Cold"),
  ]);
  const order = await till.order(["Ribeye", "Pulpo", "Gazpacho"], { table: "T1" });
  const t1 = ticket(grill, "T1");
  await t1.waitFor(SOON);
  await press(grill, "1", "Enter", "ArrowDown", "h");
  await t1.getByText("on hold").waitFor(SOON);
  await press(grill, "Escape", " ");
  await t1.waitFor({ state: "detached", ...SOON });
  const state = async () => (await till.orders()).orders.find(({ id }) => id === order.id)?.state;
  await expect.poll(state, SOON).toBe("preparing");

  await press(grill, "c");
  const waiting = grill.getByRole("dialog", { name: "on hold" });
  await waiting.getByText("1 Pulpo").waitFor(SOON);
  await press(grill, "Enter", "Escape");
  await t1.locator("[data-mark=queued]", { hasText: "Pulpo" }).waitFor(SOON);
  expect(await t1.locator("time").first().textContent()).toMatch(/^0:0\d$/);

  await t1.getByRole("button", { name: /Pulpo/ }).click({ delay: 800 });
  await grill.getByRole("button", { name: "Move to Cold kitchen" }).click();
  await t1.waitFor({ state: "detached", ...SOON });
  const pulpo = ticket(cold, "T1").getByRole("button", { name: /Pulpo/ });
  await pulpo.click();
  await ticket(cold, "T1").locator("[data-mark=started]", { hasText: "Pulpo" }).waitFor(SOON);
  await pulpo.click({ delay: 800 });
  await cold.getByRole("button", { name: "Make again" }).click();
  await ticket(cold, "T1").locator("[data-mark=queued]", { hasText: "again" }).waitFor(SOON);
  await till.clear();
});

test("a screen that shows one kind of orders says what it hides, and speaks for no other", async () => {
  const page = await kitchen(browser, server, "Grill");
  const away = await till.order(["Ribeye"]);
  await ticket(page, `#${away.number}`).waitFor(SOON);
  await press(page, "o");
  const filtered = page.getByRole("button", { name: "Only Takeaway, 0 hidden" });
  await filtered.waitFor(SOON);
  const inside = await till.order(["Pulpo"], { table: "T2" });
  await page.getByRole("button", { name: "Only Takeaway, 1 hidden" }).waitFor(SOON);
  await page.getByRole("button", { name: "At tables: 1" }).waitFor(SOON);
  const late = await till.order(["Ribeye"]);
  await expect.poll(() => till.seenAt(late.id), SOON).not.toBeNull();
  expect(await ticket(page, "T2").count()).toBe(0);
  expect(await till.seenAt(inside.id)).toBeNull();

  await page.reload();
  await page.getByRole("button", { name: "Only Takeaway, 1 hidden" }).click();
  await ticket(page, "T2").waitFor(SOON);
  await expect.poll(() => till.seenAt(inside.id), SOON).not.toBeNull();
  await till.clear();
});

test("a large order stands over two cells, and what is struck from it stays marked until somebody says OK", async () => {
  const page = await kitchen(browser, server, "Grill");
  const wanted = Array.from({ length: 9 }, () => ({ dish: "Ribeye", note: "Well done, sauce beside it" }));
  const order = await till.order(wanted, { table: "T12" });
  const large = ticket(page, "T12").first();
  await large.waitFor(SOON);
  const usual = await page.locator("[data-cell='11']").boundingBox();
  expect((await large.boundingBox())?.height ?? 0).toBeGreaterThan(1.8 * (usual?.height ?? 0));
  const line = order.lines[0]?.id ?? "";
  await till.give({ name: "line.void", args: { order: order.id, line, reason: "Guests left" } });
  const struck = large.locator("[data-mark=voided]");
  await struck.waitFor(SOON);
  await page.getByRole("button", { name: "Bump T12" }).first().click();
  await ticket(page, "T12")
    .first()
    .waitFor({ state: "detached", ...SOON });
  await till.clear();
});

/** The restaurant of the page takes takeaway orders, whatever the demo's does. */
async function takesAway(page: Page): Promise<void> {
  await page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      const message = JSON.parse(String(text)) as ServerMessage;
      if (message.op === "subscribed" && message.snapshot?.of === "kitchen") {
        message.snapshot.restaurant.settings.takeaway.on = true;
      }
      socket.send(JSON.stringify(message));
    });
  });
}

test("a kitchen that drowns closes takeaway for today by keys, and opens it again", async () => {
  const { page } = await wall(browser);
  await takesAway(page);
  await signIn(page, server, "Grill");
  const paused = async () => {
    const menu = await fetch(`${server.base}/api/restaurants/casa-oliva/menu`);
    const { restaurant } = (await menu.json()) as Menu;
    return restaurant.settings.takeaway.paused_until !== undefined;
  };
  await page.getByText("All done.").waitFor(SOON);
  await press(page, "s");
  const list = page.getByRole("dialog", { name: "Sold out" });
  await list.getByRole("button", { name: /Close for today$/ }).waitFor(SOON);
  await press(page, "Enter");
  await list.getByRole("button", { name: /Open again$/ }).waitFor(SOON);
  await page.getByRole("complementary").getByText("Takeaway closed for today").waitFor(SOON);
  await expect.poll(paused, SOON).toBe(true);
  await press(page, "Enter");
  await list.getByRole("button", { name: /Close for today$/ }).waitFor(SOON);
  await expect.poll(paused, SOON).toBe(false);
  expect(await page.getByText("Takeaway closed for today").count()).toBe(0);
});
