// A kitchen whose network is bad: what a cook sees, that taps are kept, and that afterwards everybody agrees
// and nothing was done twice.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, shut, wall } from "./browser";
import { keeps, kitchen, SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

let browser: Browser;
let server: Server;
let till: Till;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await serve({ COMANDA_LIMITS__STAFF_REQUESTS: "10000" });
  till = await Till.open(server);
  return async () => {
    await shut(browser);
    await server.stop();
  };
});

const offline = (page: Page, cut: boolean) => page.context().setOffline(cut);

/** What a screen shows, as text, slot by slot. */
async function picture(page: Page): Promise<string[]> {
  const articles = await page.getByRole("article").all();
  const words = articles.map(async (article) => {
    const head = await article.getByRole("button", { name: /^Bump/ }).textContent();
    const marks = await article
      .locator("[data-mark]")
      .evaluateAll((lines) => lines.map((line) => line.getAttribute("data-mark")));
    return `${head?.split(",")[0]} ${marks.join(" ")}`;
  });
  return (await Promise.all(words)).sort();
}

test("two screens and the pass stay in step; the pass holds a ticket until every station is done", async () => {
  const [grill, cold, pass] = await Promise.all([
    kitchen(browser, server, "Grill"),
    kitchen(browser, server, "Cold"),
    kitchen(browser, server, "Pass"),
  ]);
  await till.order(["Ribeye", "Gazpacho"], { table: "T2" });
  await Promise.all([grill, cold, pass].map((page) => ticket(page, "T2").waitFor(SOON)));
  const atPass = ticket(pass, "T2");
  await atPass.getByText("Grill & stove 0 of 1").waitFor(SOON);

  await grill.getByRole("button", { name: "Bump T2" }).click();
  await atPass.getByText("Grill & stove 1 of 1").waitFor(SOON);
  expect(await ticket(cold, "T2").count()).toBe(1);
  await pass.getByRole("button", { name: "Bump T2" }).click();
  await pass.getByText("Not everything is ready yet.").waitFor(SOON);

  await cold.getByRole("button", { name: "Bump T2" }).click();
  await atPass.getByText("All ready").waitFor(SOON);
  await pass.waitForTimeout(600);
  await atPass.getByRole("button", { name: /Gone to T2/ }).click();
  await atPass.waitFor({ state: "detached", ...SOON });
  const states = async () => (await till.orders()).orders.map((order) => order.state);
  await expect.poll(states, SOON).toEqual(["completed"]);
});

test("the pickup board moves a number from one column to the other, and clears it when it is fetched", async () => {
  const [grill, board] = await Promise.all([
    kitchen(browser, server, "Grill"),
    kitchen(browser, server, "Pickup board"),
  ]);
  const order = await till.order(["Ribeye"]);
  const cooking = board.getByRole("region", { name: "Almost there" });
  const ready = board.getByRole("region", { name: "Ready" });
  await cooking.getByText(`${order.number}`, { exact: true }).waitFor(SOON);
  await grill.getByRole("button", { name: `Bump #${order.number}` }).click();
  await ready.getByText(`${order.number}`, { exact: true }).waitFor(SOON);
  expect(await cooking.getByText(`${order.number}`, { exact: true }).count()).toBe(0);
  await till.give({ name: "order.complete", args: { order: order.id } });
  await ready.getByText("Nothing waits here yet").waitFor(SOON);
});

/** The rest of a cut that lasts as long as CUT_S says: orders come, and both sides bump. How many came. */
async function rush(there: Page, here: Page): Promise<number> {
  const ends = Date.now() + Number(process.env["CUT_S"] ?? 0) * 1_000;
  let count = 0;
  while (Date.now() < ends) {
    const table = `T${7 + (count % 4)}`;
    await till.order(["Ribeye"], { table });
    await there.getByRole("button", { name: new RegExp(`^Bump ${table},`) }).click(SOON);
    await ticket(there, table).waitFor({ state: "detached", ...SOON });
    expect(await here.locator("[data-trust]").first().getAttribute("data-trust")).toBe("offline");
    count += 1;
    await there.waitForTimeout(700);
  }
  return count;
}

const CUT_LONG_MS = 180_000;

test("cut off in a rush, both sides go on; afterwards all agree, nothing is doubled, the refused tap is said", {
  timeout: CUT_LONG_MS,
}, async () => {
  const [here, there] = await Promise.all([
    kitchen(browser, server, "Grill"),
    kitchen(browser, server, "Grill"),
  ]);
  const tables = ["T1", "T2", "T3", "T4", "T5"];
  const placed = [];
  for (const table of tables) {
    placed.push(await till.order(["Ribeye", "Pulpo"], { table }));
  }
  await Promise.all([here, there].map((page) => ticket(page, "T5").waitFor(SOON)));

  await offline(here, true);
  await here.getByText("Not connected.").waitFor(SOON);
  expect(await here.locator("[data-trust]").first().getAttribute("data-trust")).toBe("offline");
  await ticket(here, "T1")
    .getByRole("button", { name: /Ribeye/ })
    .click();
  await here.getByRole("button", { name: "Bump T2" }).click();
  await here.getByRole("button", { name: "Bump T3" }).click();
  await here.getByText("your 3 taps are kept").waitFor(SOON);
  await expect.poll(() => ticket(here, "T1").getByLabel("waiting to send").count(), SOON).toBe(1);

  await ticket(there, "T1").getByRole("button", { name: /Pulpo/ }).click();
  await there.getByRole("button", { name: "Bump T4" }).click();
  await till.give({
    name: "order.cancel",
    args: { order: placed[1]?.id ?? "", reason: "Guests left" },
  });
  await till.order(["Solomillo"], { table: "T6" });
  await ticket(there, "T6").waitFor(SOON);
  const during = await rush(there, here);

  await offline(here, false);
  await here.getByText("T2 was cancelled").waitFor({ timeout: 30_000 });
  await ticket(here, "T6").waitFor(SOON);
  await ticket(there, "T2").getByRole("button", { name: "OK, not cooking it" }).click();
  await here
    .getByRole("button", { name: "OK, not cooking it" })
    .click()
    .catch(() => undefined);
  await expect
    .poll(() => picture(here), SOON)
    .toEqual(["Bump T1 started started", "Bump T5 queued queued", "Bump T6 queued"]);
  expect(await picture(there)).toEqual(await picture(here));
  const { orders } = await till.orders();
  expect(orders).toHaveLength(6 + during);
  const kept = orders.filter(({ state }) => state === "ready").length;
  expect(kept, "bumped on either side, and each once").toBe(2 + during);
});

test("a page that is reloaded without a network opens with its last picture, says its age, and keeps its taps", async () => {
  const { page, context } = await wall(browser);
  await signIn(page, server, "Grill");
  const order = await till.order(["Ribeye"], { table: "T7" });
  await till.order(["Pulpo"], { table: "T8" });
  await ticket(page, "T8").waitFor(SOON);
  await keeps(page, "T8");

  await context.setOffline(true);
  await page.getByText("Not connected.").waitFor(SOON);
  await page.getByRole("button", { name: "Bump T8" }).click();
  await page.reload();
  await ticket(page, "T7").waitFor(SOON);
  await page.getByText("Not connected.").waitFor(SOON);
  await expect.poll(() => ticket(page, "T8").count(), SOON).toBe(0);
  await page.getByText("your tap is kept").waitFor(SOON);
  await ticket(page, "T7")
    .getByRole("button", { name: /Ribeye/ })
    .click();
  await page.getByText("your 2 taps are kept").waitFor(SOON);

  await context.setOffline(false);
  await page.getByText("Live").waitFor({ timeout: 30_000 });
  await ticket(page, "T7").locator("[data-mark=started]").waitFor(SOON);
  const stateOf = async () => (await till.orders()).orders.find(({ id }) => id === order.id)?.state;
  await expect.poll(stateOf, SOON).toBe("preparing");
  const { orders } = await till.orders();
  expect(orders.filter(({ state }) => state === "ready")).toHaveLength(1);
});

test("where sockets are blocked and HTTP is not, the screen works by itself over HTTP", async () => {
  const { page } = await wall(browser);
  await page.routeWebSocket(/\/ws\//, (socket) => socket.close({ code: 1006 as 1001 }));
  await signIn(page, server, "Grill");
  await page.getByText("All done.").waitFor({ timeout: 30_000 });
  const order = await till.order(["Ribeye"], { table: "T9" });
  await ticket(page, "T9").waitFor(SOON);
  await page.getByRole("button", { name: "Bump T9" }).click();
  await ticket(page, "T9").waitFor({ state: "detached", ...SOON });
  await expect
    .poll(async () => (await till.orders()).orders.find(({ id }) => id === order.id)?.state, SOON)
    .toBe("ready");
  expect(await page.locator("[data-trust]").first().getAttribute("data-trust")).toBe("live");
});

test("the server is restarted in the middle: the screen says so, and is current by itself", async () => {
  const page = await kitchen(browser, server, "Grill");
  await till.order(["Ribeye"], { table: "T10" });
  await ticket(page, "T10").waitFor(SOON);
  await server.kill();
  await page.getByText("Not connected.").waitFor(SOON);
  await page.getByRole("button", { name: "Bump T10" }).click();
  await server.restart();
  await page.getByText("All taps sent").waitFor({ timeout: 30_000 });
  await page.getByText("All done.").waitFor(SOON);
  const again = await Till.open(server);
  expect((await again.orders()).orders.map(({ state }) => state)).toEqual(["ready"]);
});
