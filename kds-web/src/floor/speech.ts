// How the floor page speaks: its own words beside the guest page's, whose dish sheet, prices and times it
// uses. Views take it from the context; the page makes it.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Speech } from "../table/speech";
import { type Dictionary, type Language, wordsIn } from "../words/language";
import en, { type FloorWords } from "./words/en";

const DICTIONARY: Dictionary<FloorWords> = {
  en: async () => ({ default: en }),
  es: () => import("./words/es"),
  fr: () => import("./words/fr"),
  de: () => import("./words/de"),
  ar: () => import("./words/ar"),
  zh: () => import("./words/zh"),
};

/** English when they cannot be loaded. */
export async function loadFloorWords(language: Language): Promise<FloorWords> {
  try {
    return await wordsIn(DICTIONARY, language);
  } catch {
    return en;
  }
}

export interface FloorSpeech extends Omit<Speech, "words"> {
  readonly words: FloorWords;
}

export const FloorSpeechContext = createContext<FloorSpeech | null>(null);

export function useFloorSpeech(): FloorSpeech {
  const speech = useContext(FloorSpeechContext);
  if (speech === null) throw new Error("a floor view outside of its page");
  return speech;
}
