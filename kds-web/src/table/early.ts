// A first visit's head start: the scan and the menu are asked for while the page's own code is still on its way.
// Whoever was here before has both on the phone, and nothing is asked early then. Begun by main.tsx, taken by
// the door and the menu, once each; what fails here is simply asked for again, with the same id.

import { recall, remember } from "../storage";
import { call, menu, type TaggedMenu } from "../wire/http";
import { newId } from "../wire/ids";
import type { CommandId, Scanned } from "../wire/types";

interface Early {
  readonly code: string;
  readonly scan: CommandId;
  readonly scanned: Promise<Scanned>;
}

let early: Early | null = null;
let early_menu: Promise<TaggedMenu> | null = null;

export function beginEarly(code: string): void {
  if (recall(`visited.${code}`) !== null) return;
  const scan = newId();
  const scanned = askForSeat(code, null, scan);
  const read = scanned.then(({ slug }) => menu(slug));
  for (const promise of [scanned, read]) promise.catch(() => undefined);
  early = { code, scan, scanned };
  early_menu = read;
}

/** Without a table there is only the menu to ask for. */
export function beginEarlyMenu(slug: string): void {
  if (recall(`visited.r/${slug}`) !== null) return;
  early_menu = menu(slug);
  early_menu.catch(() => undefined);
}

/** This phone holds what it needs of this code. */
export function visited(code: string): void {
  remember(`visited.${code}`, "yes");
}

/** The scan that is under way for a code, once. */
export function earlyScan(code: string): Pick<Early, "scan" | "scanned"> | null {
  const mine = early?.code === code ? early : null;
  if (mine !== null) early = { ...mine, code: "" };
  return mine;
}

/** The menu that is under way, once. */
export function earlyMenu(): Promise<TaggedMenu> | null {
  const mine = early_menu;
  early_menu = null;
  return mine;
}

/** One scan, however often it is sent with the same id. */
export async function askForSeat(code: string, before: string | null, scan: CommandId): Promise<Scanned> {
  const { body } = await call<Scanned>("POST", "/api/seatings", {
    body: { qr: code },
    headers: { "idempotency-key": scan },
    ...(before === null ? {} : { token: before }),
  });
  if (body === undefined) throw new Error("The answer has no body.");
  return body;
}
