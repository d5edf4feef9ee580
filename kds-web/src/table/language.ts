// Which language a guest reads: dishes may be written in more languages than the page's own words, so
// both are picked apart. Pure; what the browser prefers and what was chosen before are passed in.

import { LANGUAGES, type Language } from "../words/language";

const OWN = Object.keys(LANGUAGES) as Language[];

/** `es-MX` and `es` are the same language here. */
function base(tag: string): string {
  return tag.toLowerCase().split(/[-_]/)[0] ?? "";
}

function match(wanted: string, tags: readonly string[]): string | undefined {
  const exact = tags.find((tag) => tag.toLowerCase() === wanted.toLowerCase());
  return exact ?? tags.find((tag) => base(tag) === base(wanted));
}

/** Every language that says something: the restaurant's first, then the page's own. */
export function offered(locales: readonly string[]): string[] {
  return [...locales, ...OWN.filter((language) => match(language, locales) === undefined)];
}

/** The one chosen before, else the first that the browser asks for and somebody speaks, else the restaurant's. */
export function pick(chosen: string | null, asked: readonly string[], locales: readonly string[]): string {
  const tags = offered(locales);
  for (const tag of chosen === null ? asked : [chosen, ...asked]) {
    const found = match(tag, tags);
    if (found !== undefined) return found;
  }
  return tags[0] ?? "en";
}

/** The page's own words nearest to a language. */
export function wordsFor(language: string): Language {
  return OWN.find((own) => own === base(language)) ?? "en";
}

/** A language's name in itself: `Español`. */
export function nameOf(language: string): string {
  try {
    const name = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
    return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
  } catch {
    return language;
  }
}
