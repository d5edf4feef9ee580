// What a guest sees at a restaurant's own link, without a table: opens the errand, chooses the language, and hands
// both to the screens. Loaded by main.tsx, only at /r/….

import { GuestPage, type InLanguage, useGuestWords, useOpened } from "../table/guest-page";
import { loadWords, type Speech, speechOf } from "../table/speech";
import type { Words } from "../table/words/en";
import type { Restaurant } from "../wire/types";
import { Errand } from "./errand";
import { Screens } from "./screens";
import { AwayContext, type AwaySpeech, awaySpeechOf, instead, loadAway } from "./speech";
import type { Away } from "./words/en";

export default function TakeawayPage({ slug }: { readonly slug: string }) {
  const errand = useOpened(slug, Errand.open);
  const restaurant = errand?.menu.menu.value?.restaurant ?? null;
  const [loaded, setLanguage] = useGuestWords(restaurant, loadBoth);
  if (errand === null || loaded === null) return null;
  const { speech, away } = spokenOf(loaded, restaurant);
  return (
    <GuestPage restaurant={restaurant} speech={speech}>
      <AwayContext.Provider value={away}>
        <Screens errand={errand} onLanguage={setLanguage} />
      </AwayContext.Provider>
    </GuestPage>
  );
}

interface Both {
  readonly words: Words;
  readonly away: Away;
}

/** The table's words as they are said without one, and the page's own. */
async function loadBoth(language: string): Promise<Both> {
  const [words, away] = await Promise.all([loadWords(language), loadAway(language)]);
  return { words: instead(words, away), away };
}

interface Spoken {
  readonly speech: Speech;
  readonly away: AwaySpeech;
}

function spokenOf(
  { language, words: { words, away } }: InLanguage<Both>,
  restaurant: Restaurant | null,
): Spoken {
  const speech = speechOf(language, words, restaurant);
  return { speech, away: awaySpeechOf(away, speech, restaurant?.timezone ?? "UTC") };
}
