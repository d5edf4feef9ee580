// Pictures of both pages with a service on them, for the README and for looking at them:
// `npm run pictures` writes them. Without PICTURES there is nothing to do.

import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { launch, phone } from "./browser";
import { answer, choose, kitchen, SOON } from "./people";
import { lunch, serve } from "./server";

const folder = process.env["PICTURES"];

const SIZES = {
  wall: { width: 1920, height: 1080 },
  tablet: { width: 1280, height: 800 },
};

test.skipIf(!folder)("pictures of the pages in a service", async () => {
  const shoot = (page: Page, name: string) => page.screenshot({ path: join(folder ?? "", `${name}.png`) });
  const settings = { COMANDA_LIMITS__ORDERS_PER_TABLE: "1000", COMANDA_LIMITS__STAFF_REQUESTS: "10000" };
  const server = await serve(settings);
  const browser = await launch();
  try {
    await lunch(server.base, 40, 0.35);
    const screen = await kitchen(browser, server, "Grill & stove");
    await screen.getByText("All day").waitFor(SOON);
    await screen.waitForTimeout(1500);
    await shoot(screen, "kitchen-wall");
    await screen.setViewportSize(SIZES.tablet);
    await screen.waitForTimeout(800);
    await shoot(screen, "kitchen-tablet");
    await screen.setViewportSize(SIZES.wall);

    await kitchen(browser, server);
    const { page: guest } = await phone(browser);
    await guest.goto(server.tableLink);
    await guest.getByRole("button", { name: /^Toasted bread/ }).waitFor(SOON);
    await shoot(guest, "table-menu");
    await guest
      .getByRole("button", { name: /^Casa Oliva burger/ })
      .first()
      .click();
    await answer(guest);
    await guest.waitForTimeout(400);
    await shoot(guest, "table-item");
    await guest.getByRole("dialog").getByRole("button", { name: /^Add/ }).click();
    await choose(guest, "Sangria jug");
    await guest.getByRole("button", { name: /See your order/ }).click();
    await guest.waitForTimeout(400);
    await shoot(guest, "table-cart");
    await guest.getByRole("button", { name: /Send to the kitchen/ }).click();
    await guest.getByText("The kitchen has your order").waitFor(SOON);
    await guest.waitForTimeout(400);
    await shoot(guest, "table-sent");
    await guest.getByRole("button", { name: "Follow your order" }).click();
    await guest.waitForTimeout(600);
    await shoot(guest, "table-follow");

    const { page: dark } = await phone(browser, { colorScheme: "dark" });
    await dark.goto(server.tableLink);
    await choose(dark, "Sangria jug");
    await shoot(dark, "table-dark");

    await server.kill();
    await screen.getByText("Not connected.").waitFor(SOON);
    await screen.waitForTimeout(500);
    await shoot(screen, "kitchen-offline");
  } finally {
    await browser.close();
    await server.stop();
  }
});
