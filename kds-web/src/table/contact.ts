// Where a guest wants to be told, as the cart holds it: a number and a way, read from what people type. Pure.

import type { Contact } from "../wire/types";

export type Way = "whatsapp" | "sms";

export interface Reach {
  readonly way: Way;
  /** As it was typed. */
  readonly phone: string;
}

/** The number as the server takes it (E.164); `null` while it is none. */
export function numberOf(typed: string): string | null {
  const digits = typed.replace(/[\s().\u2010-\u2015/-]/g, "").replace(/^00/, "+");
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : null;
}

/** What goes with an order; nothing while the number is none. */
export function contactOf(reach: Reach | null | undefined, locale: string): Contact | null {
  const phone = reach ? numberOf(reach.phone) : null;
  return reach && phone ? { phone, channel: reach.way, locale: localeOf(locale) } : null;
}

type Locale = NonNullable<Contact["locale"]>;
const LOCALES: readonly Locale[] = ["en", "es", "fr", "de", "ar", "zh"];

export function localeOf(tag: string): Locale {
  return LOCALES.find((locale) => tag.startsWith(locale)) ?? "en";
}
