// Pictures of the phones' pages with a service on them, light and dark, in English and in Arabic. Written by
// `npm run pictures`, like those of the kitchen; without PICTURES there is nothing to do.

import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { launch, phone } from "./browser";
import { answer, choose, kitchen, SOON, tableLinks, waiter } from "./people";
import { Till } from "./pos";
import { lunch, serve } from "./server";

const folder = process.env["PICTURES"];
/** Sheets and banners have settled. */
const SETTLED_MS = 500;

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: join(folder ?? "", `${name}.png`) });
}

test.skipIf(!folder)("pictures of the waiter's phone in a service", async () => {
  const settings = { COMANDA_LIMITS__ORDERS_PER_TABLE: "1000", COMANDA_LIMITS__STAFF_REQUESTS: "10000" };
  const server = await serve(settings, []);
  const browser = await launch();
  try {
    await lunch(server.base, 40, 0.2);
    const { page: guest } = await phone(browser);
    await guest.goto(server.tableLink);
    await choose(guest, "Sangria jug");
    await guest.getByRole("button", { name: "What do you need?" }).click();
    await guest.getByRole("dialog").getByRole("button", { name: "Water" }).click();
    const floor = await waiter(browser, server);
    await shoot(floor, "floor-tables");
    await floor.getByRole("button", { name: /Calls$/ }).click();
    await shoot(floor, "floor-calls");
    await floor.getByRole("button", { name: "Floor" }).click();
    await floor
      .getByRole("button", { name: /cooking|sent/ })
      .first()
      .click();
    await floor.getByText("Bill").first().waitFor(SOON);
    await shoot(floor, "floor-table");
    await floor.emulateMedia({ colorScheme: "dark" });
    await shoot(floor, "floor-table-dark");
  } finally {
    await browser.close();
    await server.stop();
  }
});

/** From the menu to the bill; the words on the buttons are those of the language. */
interface Way {
  readonly locale: string;
  readonly add: RegExp;
  readonly toCart: RegExp;
  readonly send: RegExp;
  readonly sent: string;
  readonly follow: string;
  readonly bill: string;
  readonly byPerson: string;
  readonly call: string;
  readonly close: string;
}

const WAYS: Readonly<Record<"en" | "ar", Way>> = {
  en: {
    locale: "en-GB",
    add: /^Add/,
    toCart: /See your order/,
    send: /Send to the kitchen/,
    sent: "The kitchen has your order",
    follow: "Follow your order",
    bill: "Bill",
    byPerson: "By person",
    call: "What do you need?",
    close: "Close",
  },
  ar: {
    locale: "ar",
    add: /^إضافة/,
    toCart: /عرض طلبك/,
    send: /إرسال إلى المطبخ/,
    sent: "طلبك عند المطبخ",
    follow: "تابع طلبك",
    bill: "الحساب",
    byPerson: "لكل شخص",
    call: "ماذا تحتاج؟",
    close: "إغلاق",
  },
};

test.skipIf(!folder)("pictures of the guest's way, light and dark, in English and Arabic", async () => {
  const server = await serve();
  const browser = await launch();
  try {
    await kitchen(browser, server);
    const links = await tableLinks(server);
    let table = 0;
    for (const language of ["en", "ar"] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page } = await phone(browser, { colorScheme, locale: WAYS[language].locale });
        await page.goto(links[table++] ?? "");
        await shootWay(
          page,
          WAYS[language],
          `table${language === "en" ? "" : "-ar"}${colorScheme === "light" ? "" : "-dark"}`,
        );
      }
    }
  } finally {
    await browser.close();
    await server.stop();
  }
});

async function shootWay(page: Page, way: Way, name: string): Promise<void> {
  const put = async (dish: string, picture?: string) => {
    await page.getByRole("listitem").filter({ hasText: dish }).first().getByRole("button").first().click();
    await answer(page);
    if (picture) await shoot(page, picture);
    await page.getByRole("dialog").getByRole("button", { name: way.add }).click();
  };
  await page
    .getByRole("listitem")
    .filter({ hasText: /burger|hamburguesa/i })
    .first()
    .waitFor(SOON);
  await put("Sangria jug");
  await page
    .getByRole("main")
    .first()
    .evaluate((box) => box.scrollTo({ top: 0, behavior: "instant" }));
  await shoot(page, `${name}-menu`);
  await put("Casa Oliva burger", `${name}-item`);
  await page.getByRole("button", { name: way.toCart }).click();
  await shoot(page, `${name}-cart`);
  await page.getByRole("button", { name: way.send }).click();
  await page.getByText(way.sent).waitFor(SOON);
  await shoot(page, `${name}-sent`);
  await page.getByRole("button", { name: way.follow }).click();
  await shoot(page, `${name}-follow`);
  await page.getByRole("button", { name: way.call }).click();
  await shoot(page, `${name}-call`);
  await page.getByRole("dialog").getByRole("button", { name: way.close }).click();
  await page.getByRole("button", { name: way.bill, exact: true }).click();
  await page.getByRole("button", { name: way.byPerson }).click();
  await shoot(page, `${name}-bill`);
}

/** The same for takeaway. */
interface Errand {
  readonly locale: string;
  readonly add: RegExp;
  readonly toCart: RegExp;
  readonly change: string;
  readonly take: RegExp;
  readonly verify: RegExp;
  readonly number: RegExp;
  readonly send: string;
  readonly code: string;
  readonly order: RegExp;
  readonly has: string;
  readonly ready: string;
}

const ERRANDS: Readonly<Record<"en" | "ar", Errand>> = {
  en: {
    locale: "en-GB",
    add: /^Add/,
    toCart: /See your order/,
    change: "Change",
    take: /^Pick up/,
    verify: /Add your number/,
    number: /mobile number/,
    send: "Send me a code",
    code: "The six digits from the message",
    order: /^Order/,
    has: "The kitchen has your order",
    ready: "Ready. Come and get it.",
  },
  ar: {
    locale: "ar",
    add: /^إضافة/,
    toCart: /عرض طلبك/,
    change: "تغيير",
    take: /^الاستلام/,
    verify: /أضف رقمك/,
    number: /رقم/,
    send: "أرسلوا لي رمزًا",
    code: "الأرقام الستة من الرسالة",
    order: /^اطلب/,
    has: "طلبك عند المطبخ",
    ready: "جاهز. تفضل لاستلامه.",
  },
};

test.skipIf(!folder)("pictures of takeaway, light and dark, in English and Arabic", async () => {
  const server = await serve();
  const browser = await launch();
  try {
    const wall = await kitchen(browser, server);
    const till = await Till.open(server);
    const soon = Date.now() + 2 * 3_600_000;
    const full = new Date(soon - (soon % 900_000)).toISOString();
    for (let n = 0; n < 6; n += 1) await till.order(["Gazpacho"], { pickup_at: full });
    let number = 111_220;
    for (const language of ["en", "ar"] as const) {
      for (const colorScheme of ["light", "dark"] as const) {
        number += 1;
        const { page } = await phone(browser, { colorScheme, locale: ERRANDS[language].locale });
        await page.goto(`${server.base}/r/casa-oliva`);
        const name = `takeaway${language === "en" ? "" : "-ar"}${colorScheme === "light" ? "" : "-dark"}`;
        await shootErrand(page, ERRANDS[language], name, `+34600${number}`, async (order) => {
          await wall.getByRole("button", { name: `Bump #${order}` }).click();
        });
      }
    }
  } finally {
    await browser.close();
    await server.stop();
  }
});

async function shootErrand(
  page: Page,
  errand: Errand,
  name: string,
  number: string,
  done: (order: string) => Promise<void>,
): Promise<void> {
  const dish = (text: string) => page.getByRole("listitem").filter({ hasText: text }).first();
  for (const text of ["Casa Oliva burger", "Sangria jug"]) {
    await dish(text).waitFor(SOON);
    await dish(text).getByRole("button").first().click();
    await answer(page);
    await page.getByRole("dialog").getByRole("button", { name: errand.add }).click();
  }
  await page
    .getByRole("main")
    .first()
    .evaluate((box) => box.scrollTo({ top: 0, behavior: "instant" }));
  await shoot(page, `${name}-menu`);
  await page.getByRole("button", { name: errand.toCart }).click();
  await shoot(page, `${name}-cart`);
  await page.getByRole("button", { name: errand.change, exact: true }).first().click();
  await page
    .locator("label")
    .filter({ hasText: /^\d\d:\d\d$/ })
    .nth(6)
    .click();
  await shoot(page, `${name}-times`);
  await page.goBack();
  await page.getByRole("button", { name: errand.verify }).click();
  await page.getByLabel(errand.number).first().fill(number);
  await shoot(page, `${name}-number`);
  await page.getByRole("button", { name: errand.send }).click();
  await page.getByLabel(errand.code).waitFor(SOON);
  const code = await codeSent(page, number);
  await page.getByLabel(errand.code).pressSequentially(code.slice(0, 3));
  await shoot(page, `${name}-code`);
  await page.getByLabel(errand.code).fill(code);
  await page.getByRole("button", { name: errand.order }).last().click();
  await page.getByText(errand.has).waitFor(SOON);
  await shoot(page, `${name}-order`);
  await done((await page.locator("[role=status] b").first().textContent()) ?? "");
  await page.getByText(errand.ready).waitFor(SOON);
  await shoot(page, `${name}-ready`);
}

/** Where a developer reads what would have been sent. */
async function codeSent(page: Page, number: string): Promise<string> {
  const { origin } = new URL(page.url());
  for (;;) {
    const mailbox = await (await fetch(`${origin}/dev/mailbox`)).text();
    const mine = mailbox.split("<li>").find((message) => message.includes(number));
    const code = /\b\d{6}\b/.exec(mine?.split('dir="auto"')[1] ?? "")?.[0];
    if (code !== undefined) return code;
    await page.waitForTimeout(100);
  }
}
