// Which stations a screen shows when it starts: as its address says, else as this device had it. Pure.
// Called by kitchen.ts.

import type { Station } from "../wire/types";
import type { Shown } from "./ticket";

/**
 * `asked` is `?station=` of the address: names in any language, or ids, several by commas; `remembered`
 * are ids by spaces; `all` is every station. `undefined`: somebody must choose.
 */
export function stationsFor(
  stations: readonly Station[],
  asked: string | null,
  remembered: string | null,
): Shown | undefined {
  const wanted = asked ? asked.split(",") : (remembered?.split(" ") ?? []);
  const names = new Set(wanted.map((name) => name.trim().toLowerCase()));
  if (names.has("all") || stations.length === 1) {
    return null;
  }
  const found = stations.filter((station) =>
    [station.id, ...Object.values(station.name)].some((name) => names.has(name.toLowerCase())),
  );
  return found.length > 0 ? new Set(found.map((station) => station.id)) : undefined;
}
