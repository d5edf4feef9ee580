// How this server can tell guests, asked once per visit, and which of that the restaurant uses. Without an answer
// nothing is offered.

import { signal } from "@preact/signals";
import { call } from "../wire/http";
import type { PushKey, Settings } from "../wire/types";
import type { Way } from "./contact";

const known = signal<PushKey | null>(null);
let asked = false;

export async function askWays(): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    const { body } = await call<PushKey>("GET", "/api/push");
    known.value = body ?? null;
  } catch {
    asked = false;
  }
}

/** By message, in the order in which they are offered. */
export function waysOf(settings: Settings): readonly Way[] {
  const channels = known.value?.channels ?? [];
  const { channels: used } = settings.messages;
  return (["whatsapp", "sms"] as const).filter((way) => channels.includes(way) && used[way]);
}

/** What this phone would subscribe with; `null`: it cannot be rung. */
export function pushKeyOf(settings: Settings): string | null {
  return settings.messages.channels.push ? (known.value?.key ?? null) : null;
}
