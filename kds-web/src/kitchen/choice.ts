// What a screen shows when it starts: as its address says, else as this device had it. Pure. Called by
// kitchen.ts.

import type { Station } from "../wire/types";
import type { Shown } from "./ticket";

/** What this screen is: tickets of stations, whole orders at the pass, or numbers for those who wait. */
export type Purpose = "stations" | "pass" | "board";

export interface Choice {
  readonly purpose: Purpose;
  readonly shown: Shown;
}

/**
 * `asked` is `?station=` of the address: names in any language, or ids, several by commas; `remembered`
 * are ids by spaces; `all` is every station, `pass` and `board` are themselves. `undefined`: somebody must
 * choose.
 */
export function choiceFor(
  stations: readonly Station[],
  asked: string | null,
  remembered: string | null,
): Choice | undefined {
  const wanted = asked ? asked.split(",") : (remembered?.split(" ") ?? []);
  const names = new Set(wanted.map((name) => name.trim().toLowerCase()));
  const purpose = (["pass", "board"] as const).find((word) => names.has(word));
  if (purpose) {
    return { purpose, shown: null };
  }
  if (names.has("all") || stations.length === 1) {
    return { purpose: "stations", shown: null };
  }
  const found = stations.filter((station) =>
    [station.id, ...Object.values(station.name)].some((name) => names.has(name.toLowerCase())),
  );
  return found.length > 0
    ? { purpose: "stations", shown: new Set(found.map((station) => station.id)) }
    : undefined;
}

/** A choice as it is remembered. */
export function remembered({ purpose, shown }: Choice): string {
  return purpose === "stations" ? (shown ? [...shown].join(" ") : "all") : purpose;
}
