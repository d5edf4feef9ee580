// A screen without a person: a manager types its code, it keeps its identity, and it can be sent away.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, wall } from "./browser";
import { SOON, signIn, ticket } from "./people";
import { Till } from "./pos";
import { type Server, serve } from "./server";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

test("a screen is paired by its code, keeps its stations over a reload, and is sent away", async () => {
  const till = await Till.open(server);
  const { page: screen } = await wall(browser);
  await screen.goto(`${server.base}/kitchen/casa-oliva`);
  await screen.getByRole("button", { name: "Pair this screen" }).click();
  const code = screen.getByText(/^[A-Z0-9]{4} [A-Z0-9]{4}$/);
  await code.waitFor(SOON);

  const { page: manager } = await wall(browser);
  await signIn(manager, server, "All stations", "mateo@casa-oliva.example");
  await manager.getByRole("heading", { name: "All stations" }).waitFor(SOON);
  const shown = ((await code.textContent()) ?? "").replace(" ", "");
  await manager.goto(
    `http://${await screen
      .getByText(/\?pair=/)
      .last()
      .textContent()}`,
  );
  const list = manager.getByRole("dialog", { name: "Screens" });
  await list.waitFor(SOON);
  expect(await list.getByLabel("Code on the new screen").inputValue()).toBe(shown);
  expect(manager.url()).not.toContain(shown);
  await list.getByRole("button", { name: "Close" }).click();
  await manager.locator("h1 button").click();
  await manager.getByRole("button", { name: "Screens", exact: true }).click();
  await list.getByLabel("Code on the new screen").fill((await code.textContent()) ?? "");
  await list.getByLabel("Its name").fill("Grill left");
  await list.getByRole("button", { name: "Grill & stove" }).click();
  await list.getByRole("button", { name: "Pair it" }).click();

  await screen.getByRole("button", { name: "Grill & stove" }).waitFor(SOON);
  await till.order(["Ribeye"], { table: "T5" });
  await ticket(screen, "T5").waitFor(SOON);
  await screen.reload();
  await ticket(screen, "T5").waitFor(SOON);
  await screen.getByRole("button", { name: "Bump T5" }).click();
  await ticket(manager, "T5").waitFor({ state: "detached", ...SOON });

  await list.getByRole("button", { name: "Send away Grill left" }).click();
  await screen.getByRole("button", { name: "Pair this screen" }).waitFor(SOON);
  expect(await list.getByText("Grill left").count()).toBe(0);
});
