// Pictures of the guest's page in a service, for the README and for looking at them:
// `npm run pictures` writes them. Without PICTURES there is nothing to do.

import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { launch, phone } from "./browser";
import { answer, choose, kitchen, SOON } from "./people";
import { serve } from "./server";

const folder = process.env["PICTURES"];

test.skipIf(!folder)("pictures of the pages in a service", async () => {
  const shoot = (page: Page, name: string) => page.screenshot({ path: join(folder ?? "", `${name}.png`) });
  const settings = { COMANDA_LIMITS__ORDERS_PER_TABLE: "1000", COMANDA_LIMITS__STAFF_REQUESTS: "10000" };
  const server = await serve(settings);
  const browser = await launch();
  try {
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
  } finally {
    await browser.close();
    await server.stop();
  }
});
