// How this server can tell guests, asked once per visit. Without an answer nothing is offered.

import { signal } from "@preact/signals";
import { call } from "../wire/http";
import type { PushKey } from "../wire/types";
import type { Way } from "./contact";

export const ways = signal<readonly Way[]>([]);
let asked = false;

export async function askWays(): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    const { body } = await call<PushKey>("GET", "/api/push");
    const channels = body?.channels ?? [];
    ways.value = (["whatsapp", "sms"] as const).filter((way) => channels.includes(way));
  } catch {
    asked = false;
  }
}
