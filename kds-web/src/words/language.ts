// Which language this device speaks, and words in it. A dictionary is a typed object per language, loaded
// when needed; a missing word does not compile. Pages bring their own dictionaries.

import { recall, remember } from "../storage";
import type { Localized } from "../wire/types";

export type Language = "en" | "es" | "fr" | "de" | "ar" | "zh";
export const LANGUAGES: Readonly<Record<Language, string>> = {
  en: "English",
  es: "Español",
  fr: "Français",
  de: "Deutsch",
  ar: "العربية",
  zh: "中文",
};
const RIGHT_TO_LEFT: readonly Language[] = ["ar"];

type Loader<T> = () => Promise<{ readonly default: T }>;

/** One loader per language: `() => import("./es")`. A page without a language speaks English. */
export type Dictionary<T> = Readonly<{ en: Loader<T> } & Partial<Record<Language, Loader<T>>>>;

/** The one chosen on this device, else the first that the browser asks for and we have, else English. */
export function deviceLanguage(asked: readonly string[] = navigator.languages): Language {
  const wishes = [recall("language") ?? "", ...asked].map((tag) => tag.split("-")[0] ?? "");
  return wishes.find(isLanguage) ?? "en";
}

export function chooseLanguage(language: Language): void {
  remember("language", language);
}

export async function wordsIn<T>(dictionary: Dictionary<T>, language: Language): Promise<T> {
  const found = dictionary[language] ? language : "en";
  document.documentElement.lang = found;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(found) ? "rtl" : "ltr";
  return (await (dictionary[found] ?? dictionary.en)()).default;
}

/** A menu's text in the first of the languages that it has, else in whichever it has. */
export function spoken(text: Localized, languages: readonly string[]): string {
  for (const language of languages) {
    const found = text[language] ?? text[language.split("-")[0] ?? ""];
    if (found) {
      return found;
    }
  }
  return Object.values(text)[0] ?? "";
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}
