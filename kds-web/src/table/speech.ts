// How the page speaks to this guest: its words, names of dishes, prices and times, in one language.
// Views take it from the context; the page makes it and remembers the choice on this phone.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { recall, remember } from "../storage";
import { timeOfDay } from "../time";
import type { Localized, Restaurant } from "../wire/types";
import { type Dictionary, spoken, wordsIn } from "../words/language";
import { pick, wordsFor } from "./language";
import { type Money, moneyIn } from "./prices";
import en, { type Words } from "./words/en";

export interface Speech {
  readonly language: string;
  readonly words: Words;
  readonly money: Money;
  /** A name or a description, in the language nearest to the guest's. */
  name(text: Localized): string;
  /** `20:07`, where the restaurant is. */
  time(at: number | string): string;
  /** `milk, egg, sesame` */
  commas(parts: readonly string[]): string;
  /** `milk, egg and sesame` */
  list(parts: readonly string[]): string;
}

const DICTIONARY: Dictionary<Words> = {
  en: async () => ({ default: en }),
  es: () => import("./words/es"),
  fr: () => import("./words/fr"),
  de: () => import("./words/de"),
  ar: () => import("./words/ar"),
  zh: () => import("./words/zh"),
};
/** Between words, where it is not the Latin one. */
const COMMA: Readonly<Record<string, string>> = { ar: "، ", zh: "、" };
const CHOSEN = "guest_language";

export function chosenLanguage(): string | null {
  return recall(CHOSEN);
}

export function rememberLanguage(language: string): void {
  remember(CHOSEN, language);
}

/** The words of a language; English when they cannot be loaded. */
export async function loadWords(language: string): Promise<Words> {
  try {
    return await wordsIn(DICTIONARY, wordsFor(language));
  } catch {
    return en;
  }
}

export function languageFor(chosen: string | null, restaurant: Restaurant | null): string {
  return pick(chosen, navigator.languages, restaurant?.locales ?? []);
}

export function speechOf(language: string, words: Words, restaurant: Restaurant | null): Speech {
  const { locales = [], currency = "EUR", timezone } = restaurant ?? {};
  const lists = new Intl.ListFormat(language, { type: "conjunction" });
  return {
    language,
    words,
    money: moneyIn(currency, language),
    name: (text) => spoken(text, [language, ...locales]),
    time: (at) => timeOfDay(typeof at === "string" ? Date.parse(at) : at, timezone),
    commas: (parts) => parts.join(COMMA[language.split("-")[0] ?? ""] ?? ", "),
    list: (parts) => lists.format(parts),
  };
}

export const SpeechContext = createContext<Speech>(speechOf("en", en, null));

export function useSpeech(): Speech {
  return useContext(SpeechContext);
}

/** The word for an allergen or a diet, or its own name when nobody wrote one. */
export function wordOr(words: Readonly<Record<string, string>>, name: string): string {
  return words[name] ?? name.replaceAll("_", " ");
}
