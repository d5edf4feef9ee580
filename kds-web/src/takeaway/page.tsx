// What a guest sees at a restaurant's own link, without a table: opens the errand, chooses the language, and hands
// both to the screens. Loaded by main.tsx, only at /r/….

import { useEffect, useState } from "preact/hooks";
import phoneStyle from "../table/page.module.css";
import {
  chosenLanguage,
  languageFor,
  loadWords,
  rememberLanguage,
  type Speech,
  SpeechContext,
  speechOf,
} from "../table/speech";
import type { Words } from "../table/words/en";
import type { Restaurant } from "../wire/types";
import { Errand } from "./errand";
import { Screens } from "./screens";
import { AwayContext, type AwaySpeech, awaySpeechOf, instead, loadAway } from "./speech";
import type { Away } from "./words/en";

export default function TakeawayPage({ slug }: { readonly slug: string }) {
  const errand = useErrand(slug);
  const restaurant = errand?.menu.menu.value?.restaurant ?? null;
  const [spoken, setLanguage] = useLanguage(restaurant);
  const title = restaurant?.name;
  useEffect(() => {
    if (title !== undefined) document.title = title;
  }, [title]);
  if (errand === null || spoken === null) return null;
  return (
    <SpeechContext.Provider value={spoken.speech}>
      <AwayContext.Provider value={spoken.away}>
        <div class={phoneStyle.phone}>
          <Screens errand={errand} onLanguage={setLanguage} />
        </div>
      </AwayContext.Provider>
    </SpeechContext.Provider>
  );
}

function useErrand(slug: string): Errand | null {
  const [errand, setErrand] = useState<Errand | null>(null);
  useEffect(() => {
    let left = false;
    let opened: Errand | null = null;
    void Errand.open(slug).then((errand) => {
      opened = errand;
      if (left) errand.close();
      else setErrand(errand);
    });
    return () => {
      left = true;
      opened?.close();
    };
  }, [slug]);
  return errand;
}

interface Spoken {
  readonly speech: Speech;
  readonly away: AwaySpeech;
}

interface Loaded {
  readonly language: string;
  readonly words: Words;
  readonly away: Away;
}

function useLanguage(restaurant: Restaurant | null): [Spoken | null, (language: string) => void] {
  const [chosen, setChosen] = useState(chosenLanguage);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const language = languageFor(chosen, restaurant);
  useEffect(() => {
    let late = false;
    void Promise.all([loadWords(language), loadAway(language)]).then(
      ([words, away]) => !late && setLoaded({ language, words: instead(words, away), away }),
    );
    return () => {
      late = true;
    };
  }, [language]);
  const choose = (wanted: string) => {
    rememberLanguage(wanted);
    setChosen(wanted);
  };
  return [loaded && spokenOf(loaded, restaurant), choose];
}

function spokenOf({ language, words, away }: Loaded, restaurant: Restaurant | null): Spoken {
  const speech = speechOf(language, words, restaurant);
  return { speech, away: awaySpeechOf(away, speech, restaurant?.timezone ?? "UTC") };
}
