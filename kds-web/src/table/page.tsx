// What a guest sees after scanning the code on the table. Opens the visit for the code, chooses the
// language, and hands both to the screens. Loaded by main.tsx, only at /t/….

import { useEffect, useState } from "preact/hooks";
import { recall, remember } from "../storage";
import type { Restaurant } from "../wire/types";
import style from "./page.module.css";
import { Screens } from "./screens";
import {
  chosenLanguage,
  languageFor,
  loadWords,
  rememberLanguage,
  type Speech,
  SpeechContext,
  speechOf,
} from "./speech";
import { Visit } from "./visit";
import en, { type Words } from "./words/en";

export default function TablePage({ code }: { readonly code: string }) {
  const visit = useVisit(code);
  const restaurant = visit?.menu.menu.value?.restaurant ?? null;
  const [speech, setLanguage] = useLanguage(restaurant);
  const title = restaurant?.name;
  useEffect(() => {
    if (title !== undefined) document.title = title;
  }, [title]);
  if (visit === null || speech === null) return null;
  return (
    <SpeechContext.Provider value={speech}>
      <div class={style.phone}>
        <Screens visit={visit} onLanguage={setLanguage} />
      </div>
    </SpeechContext.Provider>
  );
}

function useVisit(code: string): Visit | null {
  const [visit, setVisit] = useState<Visit | null>(null);
  useEffect(() => {
    let left = false;
    let opened: Visit | null = null;
    void Visit.open(code, justScanned(code)).then((visit) => {
      opened = visit;
      if (left) visit.close();
      else setVisit(visit);
    });
    return () => {
      left = true;
      opened?.close();
    };
  }, [code]);
  return visit;
}

/** A scan opens a tab; a reload, or a tab that comes back from sleep, is no scan. */
function justScanned(code: string): boolean {
  const mark = `visit.${code}`;
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const fresh = recall(mark, "visit") === null && (navigation?.type ?? "navigate") === "navigate";
  remember(mark, "opened", "visit");
  return fresh;
}

function useLanguage(restaurant: Restaurant | null): [Speech | null, (language: string) => void] {
  const [chosen, setChosen] = useState(chosenLanguage);
  const [loaded, setLoaded] = useState<{ language: string; words: Words } | null>(null);
  const language = languageFor(chosen, restaurant);
  useEffect(() => {
    let late = false;
    void loadWords(language).then((words) => !late && setLoaded({ language, words }));
    return () => {
      late = true;
    };
  }, [language]);
  const choose = (wanted: string) => {
    rememberLanguage(wanted);
    setChosen(wanted);
  };
  return [loaded && speechOf(loaded.language, loaded.words ?? en, restaurant), choose];
}
