// For the ear: each event has its own sound, what nobody answers is told again each minute, and mute ends by
// itself. The page's tones are written down as they begin.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launch, shut, wall } from "./browser";
import { kitchen, press, SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

const MINUTE_MS = 60_000;

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
afterEach(async () => {
  await shut(browser);
  await till.clear();
});

/** Runs in the page before its own scripts: the pitch of each tone. */
function listens(): void {
  const tones: number[] = [];
  const Plain = OscillatorNode;
  globalThis.OscillatorNode = class extends Plain {
    constructor(context: BaseAudioContext, options?: OscillatorOptions) {
      super(context, options);
      tones.push(options?.frequency ?? 0);
    }
  };
  Object.assign(globalThis, { tones });
}

/** The longest first: some begin as others do. */
const SOUNDS = [
  ["294 294 294", "allergy"],
  ["523 784", "new"],
  ["587 392", "cancelled"],
  ["988 1319", "chime"],
  ["82 82", "cut"],
  ["1568", "ready"],
  ["784", "added"],
] as const;

/** What was heard since it was asked last, by name. */
async function heard(page: Page): Promise<string> {
  const tones = await page.evaluate(() =>
    (globalThis as unknown as { tones: number[] }).tones.splice(0).join(" "),
  );
  return SOUNDS.reduce((said, [sound, name]) => said.replaceAll(sound, name), tones);
}

const listening = (station: string) => kitchen(browser, server, station, listens);
const hears = (page: Page, sound: string) => expect.poll(() => heard(page), SOON).toBe(sound);

test("new, added, allergy, struck, all ready, to be fetched, cut off: each has its own sound", async () => {
  const [grill, pass, board] = await Promise.all(["Grill", "Pass", "Pickup board"].map(listening));
  if (!grill || !pass || !board) throw new Error("no pages");
  const first = await till.order(["Ribeye", "Pulpo"], { table: "T1" });
  await Promise.all([hears(grill, "new"), hears(pass, "new")]);
  await till.order(["Pulpo"], { table: "T1" });
  await Promise.all([hears(grill, "added"), hears(pass, "added")]);
  await till.order(["Ribeye"], { table: "T2", allergy: "nuts" });
  await hears(grill, "allergy");
  const line = first.lines[0]?.id ?? "";
  await till.give({ name: "line.void", args: { order: first.id, line, reason: "Sent back" } });
  await hears(grill, "cancelled");
  await heard(pass);
  await till.give({ name: "order.bump", args: { order: first.id } });
  await hears(pass, "ready");

  expect(await heard(board), "it speaks for those who wait only").toBe("");
  const away = await till.order(["Ribeye"]);
  await till.give({ name: "order.bump", args: { order: away.id } });
  await hears(board, "chime");
  await heard(grill);
  await grill.context().setOffline(true);
  await hears(grill, "cut");
});

test("news is told again each minute until a hand moves; M is silent for five minutes", async () => {
  const { page } = await wall(browser);
  await page.clock.install();
  await page.addInitScript(listens);
  await signIn(page, server, "Grill");
  await page.getByText("Live").waitFor(SOON);
  await till.order(["Ribeye"], { table: "T3" });
  await hears(page, "new");
  for (let minute = 0; minute < 2; minute += 1) {
    await page.clock.fastForward(MINUTE_MS + 100);
    expect(await heard(page)).toContain("new");
    await page.getByText("Live").waitFor(SOON);
  }
  await press(page, "1");
  await page.clock.fastForward(MINUTE_MS + 100);
  expect(await heard(page)).not.toContain("new");

  await press(page, "m");
  await page.getByText("Sound is off for 5 minutes.").waitFor(SOON);
  await till.order(["Ribeye"], { table: "T4" });
  await ticket(page, "T4").waitFor(SOON);
  expect(await heard(page)).toBe("");
  await page.clock.fastForward(5 * MINUTE_MS);
  await page.getByText("Live").waitFor(SOON);
  await heard(page);
  await till.order(["Ribeye"], { table: "T5" });
  await ticket(page, "T5").waitFor(SOON);
  await hears(page, "new");
});
