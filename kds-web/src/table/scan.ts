// Whether the guest has just scanned the code on the table: only then is a party that has left of no interest. Called by
// the page, once.

import { recall, remember } from "../storage";

/** How the phone's worker opens the page when its notification was tapped (worker/ringing.ts). */
export const BY_NEWS = "#news";

/** A scan opens a tab; a reload, a tab that comes back from sleep, or a tap on a notification is no scan. */
export function justScanned(code: string): boolean {
  const mark = `visit.${code}`;
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const fresh = recall(mark, "visit") === null && (navigation?.type ?? "navigate") === "navigate";
  remember(mark, "opened", "visit");
  return fresh && location.hash !== BY_NEWS;
}
