// Pictures of the kitchen's screens in a full service, for the README and for looking at them: `npm run pictures`
// writes them. Without PICTURES there is nothing to do.

import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { launch, wall } from "./browser";
import { SOON, signIn } from "./people";
import { Till } from "./pos";
import { serve } from "./server";
import { type Ages, ageing, service } from "./service";

const folder = process.env["PICTURES"];
const SIZES = {
  wall: { width: 1920, height: 1080 },
  tablet: { width: 1280, height: 800 },
  portrait: { width: 2160, height: 3840 },
};
/** Outlines of new tickets have faded, sheets have settled. */
const SETTLED_MS = 1_500;

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: join(folder ?? "", `${name}.png`) });
}

test.skipIf(!folder)("pictures of the kitchen in a service", async () => {
  const server = await serve({ COMANDA_LIMITS__STAFF_REQUESTS: "10000" });
  const browser = await launch();
  try {
    const ages = await service(await Till.open(server));
    const screen = async (station: string, ready: Ages = ages): Promise<Page> => {
      const { page } = await wall(browser);
      await ageing(page, ready);
      await page.addInitScript(() => localStorage.setItem("comanda.checked", new Date().toDateString()));
      await signIn(page, server, station);
      return page;
    };
    const grill = await screen("Grill");
    await grill.getByText("All day").first().waitFor(SOON);
    await grill.keyboard.press("1");
    await inEachSize(grill, "kitchen");
    await grill.keyboard.press("Escape");
    await look(grill, "Bright");
    await inEachSize(grill, "kitchen-light");
    await look(grill, "Dark");
    await look(grill, "العربية");
    await inEachSize(grill, "kitchen-arabic");
    await look(grill, "English");
    await shoot(await screen("Pass"), "kitchen-pass");
    await shoot(await screen("Pickup board"), "pickup-board");

    await server.kill();
    await grill.getByText("Not connected.").waitFor(SOON);
    await grill.getByRole("button", { name: /^Bump T4/ }).click();
    await shoot(grill, "kitchen-offline");
  } finally {
    await browser.close();
    await server.stop();
  }
});

/** On the wall, on a tablet and on a wall that stands upright; it ends on the wall. */
async function inEachSize(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await shoot(page, `${name}-${size}`);
  }
  await page.setViewportSize(SIZES.wall);
}

async function look(page: Page, choice: string): Promise<void> {
  await page.locator("h1 button").click();
  const panel = page.locator("[data-panel]");
  await panel.getByRole("button", { name: choice, exact: true }).click();
  await panel.getByRole("button").last().click();
  await panel.waitFor({ state: "detached", ...SOON });
}
