// What this device's page speaks: words in the language that the device remembers, and the choice of another. For the
// pages of the staff; a guest's page asks the restaurant too (table/guest-page.tsx).

import { useEffect, useState } from "preact/hooks";
import { chooseLanguage, deviceLanguage, type Language } from "./language";

export interface Spoken<T> {
  /** The one that is wanted. */
  readonly language: Language;
  /** `null` until the first are there; until those of another language are, the ones before stay. */
  readonly words: T | null;
  readonly speak: (language: Language) => void;
}

/** `load` must stay the same function. */
export function useSpoken<T>(load: (language: Language) => Promise<T>): Spoken<T> {
  const [language, setLanguage] = useState<Language>(() => deviceLanguage());
  const [words, setWords] = useState<T | null>(null);
  useEffect(() => {
    let late = false;
    void load(language).then((words) => !late && setWords(() => words));
    return () => {
      late = true;
    };
  }, [language, load]);
  const speak = (wanted: Language) => {
    chooseLanguage(wanted);
    setLanguage(wanted);
  };
  return { language, words, speak };
}
