// How guests are told when the page is closed: a number left in the cart or after the order, a phone that rings, the
// manager's switches, and the bell of the staff. Messages go to the developers' mailbox of the real server. No push
// service can be reached from here, so only the browser's own subscribing is played; the worker, its notification and
// the server's part are real.

import { generateKeyPairSync } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findings } from "./axe";
import { launch, phone } from "./browser";
import { choose, guest, kitchen, SOON, waiter } from "./people";
import { type Server, serve } from "./server";

const NUMBER = "+34 600 111 222";
/** `ready` goes out six seconds after the tap. */
const READY = { timeout: 15_000, interval: 250 };

let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url");
  server = await serve({
    COMANDA_PUSH__KEY: key,
    COMANDA_PUSH__CONTACT: "mailto:orders@casa-oliva.example",
    COMANDA_MESSAGES__MAILBOX: "true",
    COMANDA_MESSAGES__EVERY_MS: "100",
  });
  return async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.stop();
  };
});

const mailbox = async () => (await fetch(`${server.base}/dev/mailbox`)).text();

async function inCart(page: Page): Promise<void> {
  await choose(page, "Sangria jug");
  await page.getByRole("button", { name: /See your order/ }).click();
}

test("a number in the cart is read, explained, and told of the order until the guest has enough", async () => {
  const wall = await kitchen(browser, server);
  const page = await guest(browser, server);
  await inCart(page);
  await page.getByRole("button", { name: "Tell me" }).click();
  const field = page.getByLabel("Your mobile number, with country code");
  await field.fill("600 111 222");
  await page.getByText("Begin with + and the country code.").waitFor(SOON);
  await page.getByText(/You agree to messages about this order/).waitFor(SOON);
  expect(await findings(page)).toEqual([]);
  await field.fill(NUMBER);
  await page.getByRole("radio", { name: "SMS" }).check();
  await page.getByRole("button", { name: "Done", exact: true }).click();
  await page.getByText(`We message you at`).waitFor(SOON);
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText("You will be told by SMS.").waitFor(SOON);
  expect(await findings(page)).toEqual([]);
  await expect.poll(mailbox, READY).toContain("order #1 is being prepared");
  expect(await mailbox()).toContain("<b>sms</b> +34600111222");

  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Shall we tell you when it is ready?").waitFor(SOON);
  await wall.getByRole("button", { name: "Bump T1" }).click();
  await page.waitForTimeout(7_500);
  expect(await mailbox()).not.toContain("is ready");
});

test("a guest who thinks of it after the order leaves a number, and changes it", async () => {
  const wall = await kitchen(browser, server);
  const page = await guest(browser, server);
  await inCart(page);
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText("The kitchen has your order").waitFor(SOON);
  for (const [press, number, way, said] of [
    ["Message me", NUMBER, "WhatsApp", "You will be told by WhatsApp."],
    ["Change", "+34 600 333 444", "SMS", "You will be told by SMS."],
  ] as const) {
    await page.getByRole("button", { name: press }).click();
    await page.getByLabel("Your mobile number, with country code").fill(number);
    await page.getByRole("radio", { name: way }).check();
    await page.getByRole("button", { name: "Done", exact: true }).click();
    await page.getByText(said).waitFor(SOON);
  }
  await wall.getByRole("button", { name: "Bump T1" }).click();
  await expect.poll(mailbox, READY).toContain("order #1 is ready");
  const text = await mailbox();
  expect(text).toContain("<b>sms</b> +34600333444");
  expect(text).not.toContain("+34600111222");
});

/** Keys of a browser that nobody has. */
const P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH = "BTBZMqHH6r4Tts7J_aSIgg";

test("a phone rings for its order with the page closed, and no more when it is switched off", async () => {
  const { context, page } = await phone(browser);
  await context.grantPermissions(["notifications"], { origin: server.base });
  await page.addInitScript(
    ([p256dh, auth]) => {
      PushManager.prototype.subscribe = (options) => {
        (window as unknown as { subscribed: unknown }).subscribed = options;
        const endpoint = "https://push.example/browser";
        return Promise.resolve({
          toJSON: () => ({ endpoint, keys: { p256dh, auth } }),
        } as unknown as PushSubscription);
      };
    },
    [P256DH, AUTH],
  );
  await page.goto(server.tableLink);
  await page.getByRole("button", { name: /^Toasted bread/ }).waitFor(SOON);
  await inCart(page);
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByText(/Your browser shows a notification/).waitFor(SOON);
  expect(await findings(page)).toEqual([]);
  await page.getByRole("button", { name: "Ring this phone" }).click();
  await page.getByText("This phone rings when it is ready.").waitFor(SOON);
  const options = await page.evaluate(() => {
    const { subscribed } = window as unknown as { subscribed: PushSubscriptionOptionsInit };
    return {
      only: subscribed.userVisibleOnly,
      bytes: (subscribed.applicationServerKey as Uint8Array).length,
    };
  });
  expect(options).toEqual({ only: true, bytes: 65 });

  const scopes = () =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope));
  expect(await scopes()).toEqual([server.tableLink]);
  const shown = await pushed(page, { title: "Casa Oliva #1", body: "Casa Oliva: order #1 is ready." });
  expect(shown).toEqual([
    { title: "Casa Oliva #1", body: "Casa Oliva: order #1 is ready.", tag: "Casa Oliva #1" },
  ]);

  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Shall we tell you when it is ready?").waitFor(SOON);
  await expect.poll(scopes, READY).toEqual([]);
});

/** Hands the page's worker a message as the browser would, and answers what is shown then. */
async function pushed(page: Page, news: unknown): Promise<unknown[]> {
  const session = await page.context().newCDPSession(page);
  const registration = new Promise<string>((found) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [first] = registrations;
      if (first) found(first.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  const registrationId = await registration;
  const origin = new URL(page.url()).origin;
  await session.send("ServiceWorker.deliverPushMessage", {
    origin,
    registrationId,
    data: JSON.stringify(news),
  });
  const shown = () =>
    page.evaluate(async () => {
      const [mine] = await navigator.serviceWorker.getRegistrations();
      return ((await mine?.getNotifications()) ?? []).map(({ title, body, tag }) => ({ title, body, tag }));
    });
  await expect.poll(shown, READY).toHaveLength(1);
  return shown();
}

test("where no page may ring nothing of it is offered", async () => {
  const { page } = await phone(browser);
  await page.addInitScript(() => Object.defineProperty(Notification, "permission", { get: () => "denied" }));
  await page.goto(server.tableLink);
  await page.getByRole("button", { name: /^Toasted bread/ }).waitFor(SOON);
  await inCart(page);
  await page.getByRole("button", { name: /Send to the kitchen/ }).click();
  await page.getByRole("button", { name: "Message me" }).waitFor(SOON);
  expect(await page.getByRole("button", { name: "Ring this phone" }).count()).toBe(0);
});

test("a manager switches off what guests are told and how; a waiter cannot", async () => {
  const manager = await waiter(browser, server, "mateo@casa-oliva.example");
  await manager.getByRole("button", { name: "What happened" }).click();
  await manager.getByRole("button", { name: "What guests are told" }).click();
  const ready = manager.getByRole("switch", { name: "It is ready" });
  await ready.uncheck();
  await expect.poll(() => ready.isEnabled(), READY).toBe(true);
  await manager.getByRole("switch", { name: "WhatsApp" }).uncheck();
  await expect.poll(() => ready.isEnabled(), READY).toBe(true);
  expect(await ready.isChecked()).toBe(false);
  expect(await findings(manager)).toEqual([]);

  const page = await guest(browser, server);
  await inCart(page);
  await page.getByRole("button", { name: "Tell me" }).click();
  await page.getByLabel("Your mobile number, with country code").waitFor(SOON);
  // One way is left: nothing is asked.
  expect(await page.getByRole("radio", { name: "WhatsApp" }).count()).toBe(0);

  const other = await waiter(browser, server);
  await other.getByRole("button", { name: "What happened" }).click();
  await other.getByText("Nothing new.").waitFor(SOON);
  expect(await other.getByRole("button", { name: "What guests are told" }).count()).toBe(0);
});

test("the bell counts what happened, says it, and forgets what was put away", async () => {
  const floor = await waiter(browser, server);
  const page = await guest(browser, server);
  await page.getByRole("button", { name: "What do you need?" }).click();
  await page.getByRole("button", { name: "Bill" }).click();
  await floor.getByRole("button", { name: "What happened, 1 new" }).click();
  const sheet = floor.getByRole("dialog");
  await sheet.getByText("T1 called").waitFor(SOON);
  expect(await findings(floor)).toEqual([]);
  await floor.goBack();
  await floor.getByRole("button", { name: "What happened", exact: true }).waitFor(SOON);
  await floor.getByRole("button", { name: "What happened", exact: true }).click();
  await sheet.getByRole("button", { name: "Put away" }).click();
  await sheet.getByText("Nothing new.").waitFor(SOON);
});
