// How the takeaway page speaks: the table page's words with its own in their place, its own beside them, and days.
// Views take both from contexts; the page makes them.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { wordsFor } from "../table/language";
import type { Speech } from "../table/speech";
import type { Words } from "../table/words/en";
import type { Timestamp } from "../wire/types";
import type { Dictionary } from "../words/language";
import { dateOf } from "./slots";
import type { Away } from "./words/en";
import en from "./words/en";

export interface AwaySpeech {
  readonly away: Away;
  /** `today`, `tomorrow`, `Tue, Feb 3`: where the restaurant is. */
  day(at: number | Timestamp, now: number): string;
  /** `today 20:15` */
  when(at: Timestamp, now: number): string;
}

const DICTIONARY: Dictionary<Away> = {
  en: async () => ({ default: en }),
  es: () => import("./words/es"),
  fr: () => import("./words/fr"),
  de: () => import("./words/de"),
  ar: () => import("./words/ar"),
  zh: () => import("./words/zh"),
};

/** The page's own words of a language; English when they cannot be loaded. */
export async function loadAway(language: string): Promise<Away> {
  try {
    return (await (DICTIONARY[wordsFor(language)] ?? DICTIONARY.en)()).default;
  } catch {
    return en;
  }
}

/** The table's words, as they are said without one. */
export function instead(words: Words, { instead }: Away): Words {
  const { cart, order, bill, notice } = words;
  return {
    ...words,
    cart: { ...cart, ...instead.cart },
    order: { ...order, ...instead.order },
    bill: { ...bill, ...instead.bill },
    notice: { ...notice, ...instead.notice },
  };
}

export function awaySpeechOf(away: Away, speech: Speech, timezone: string): AwaySpeech {
  const latin = `${speech.language}-u-nu-latn`;
  const near = new Intl.RelativeTimeFormat(latin, { numeric: "auto" });
  const far = new Intl.DateTimeFormat(latin, {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: timezone,
  });
  const day = (at: number | Timestamp, now: number) => {
    const days = daysBetween(dateOf(now, timezone), dateOf(at, timezone));
    return days === 0 || days === 1 ? near.format(days, "day") : far.format(new Date(at));
  };
  return { away, day, when: (at, now) => `${day(at, now)} ${speech.time(at)}` };
}

const DAY_MS = 86_400_000;

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

export const AwayContext = createContext<AwaySpeech | null>(null);

export function useAway(): AwaySpeech {
  const speech = useContext(AwayContext);
  if (speech === null) throw new Error("Only within the takeaway page.");
  return speech;
}
