// Headless Chromium as Debian ships it, with a window for each person of a story.

import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

// Root may not use the sandbox; the rest keeps Chromium from looking for hosts of its own.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Sound needs no touch, as on a wall screen that was set up for it; or it waits for one, as elsewhere. */
export type Autoplay = "no-user-gesture-required" | "document-user-activation-required";

export function launch(autoplay: Autoplay = "no-user-gesture-required", ...more: string[]): Promise<Browser> {
  const executablePath = CHROMIUM.find((path) => path !== undefined && existsSync(path));
  if (!executablePath) {
    throw new Error("Chromium is missing. On Debian: apt-get install chromium");
  }
  return chromium.launch({ executablePath, args: [...FLAGS, `--autoplay-policy=${autoplay}`, ...more] });
}

export interface Window {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong in the page: uncaught errors, and what was logged as one. */
  readonly errors: string[];
}

async function opened(browser: Browser, options: Parameters<Browser["newContext"]>[0]): Promise<Window> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  return { context, page, errors };
}

/** Shuts the windows of a test that is over, but those that were open before: a wall draws as long as it is open. */
export async function shut(browser: Browser, before: readonly BrowserContext[] = []): Promise<void> {
  const mine = browser.contexts().filter((context) => !before.includes(context));
  await Promise.all(mine.map((context) => context.close()));
}

export function wall(browser: Browser): Promise<Window> {
  return opened(browser, { viewport: { width: 1920, height: 1080 } });
}

export function phone(browser: Browser, more: Parameters<Browser["newContext"]>[0] = {}): Promise<Window> {
  return opened(browser, {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    ...more,
  });
}
