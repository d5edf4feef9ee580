// How far this screen can be believed right now, in one word, for everything that shows it (L10). Pure.

import type { Link } from "../wire/link";

/** Data older than this is called old. */
export const OLD_MS = 5_000;

export type Trust =
  /** Nothing was ever shown on this page. */
  | "starting"
  | "live"
  /** Between two connections, but what is shown is seconds old. */
  | "moving"
  | "stale"
  | "offline";

export function trustOf(link: Link, following: boolean, age_ms: number | null): Trust {
  if (link.is === "offline" || link.is === "ended") {
    return age_ms === null && link.is === "offline" ? "starting" : "offline";
  }
  if (age_ms === null) {
    return "starting";
  }
  if (link.is === "live" && following) {
    return age_ms > OLD_MS + 1_000 ? "stale" : "live";
  }
  return link.is === "stale" || age_ms > OLD_MS ? "stale" : "moving";
}
