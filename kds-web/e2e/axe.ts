// What axe finds wrong with a page: rules of WCAG 2.2 A and AA, only what it calls serious or critical.

import axe from "axe-core";
import type { Page } from "playwright-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** One line per finding, with the place where it is. */
export async function findings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    await page.evaluate(axe.source);
  }
  return page.evaluate(async (rules) => {
    const inPage = globalThis as unknown as { readonly axe: typeof import("axe-core") };
    const { violations } = await inPage.axe.run({ runOnly: { type: "tag", values: rules } });
    const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return bad.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary ?? ""}`),
    );
  }, RULES);
}
