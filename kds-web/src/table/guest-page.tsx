// What the two guests' pages are alike in: opening what they live on, choosing the language, the frame as wide as a
// phone and the restaurant's name above it. Called by the table's page and by the one without a table.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Restaurant } from "../wire/types";
import style from "./page.module.css";
import { chosenLanguage, languageFor, rememberLanguage, type Speech, SpeechContext } from "./speech";

/** What an address opens: `null` until it is open. Closed when the page goes, also if that is before it was open. */
export function useOpened<T extends { close(): void }>(
  address: string,
  open: (address: string) => Promise<T>,
): T | null {
  const [opened, setOpened] = useState<T | null>(null);
  useEffect(() => {
    let left = false;
    let held: T | null = null;
    void open(address).then((opened) => {
      held = opened;
      if (left) opened.close();
      else setOpened(opened);
    });
    return () => {
      left = true;
      held?.close();
    };
  }, [address, open]);
  return opened;
}

/** Words that were loaded, and for which language. */
export interface InLanguage<T> {
  readonly language: string;
  readonly words: T;
}

/** The words in this guest's language, and the choice of another. Until those are there, the ones before stay. */
export function useGuestWords<T>(
  restaurant: Restaurant | null,
  load: (language: string) => Promise<T>,
): [InLanguage<T> | null, (language: string) => void] {
  const [chosen, setChosen] = useState(chosenLanguage);
  const [loaded, setLoaded] = useState<InLanguage<T> | null>(null);
  const language = languageFor(chosen, restaurant);
  useEffect(() => {
    let late = false;
    void load(language).then((words) => !late && setLoaded({ language, words }));
    return () => {
      late = true;
    };
  }, [language, load]);
  const choose = (wanted: string) => {
    rememberLanguage(wanted);
    setChosen(wanted);
  };
  return [loaded, choose];
}

interface GuestPageProps {
  readonly restaurant: Restaurant | null;
  readonly speech: Speech;
  readonly children: ComponentChildren;
}

export function GuestPage({ restaurant, speech, children }: GuestPageProps) {
  const title = restaurant?.name;
  useEffect(() => {
    if (title !== undefined) document.title = title;
  }, [title]);
  return (
    <SpeechContext.Provider value={speech}>
      <div class={style.phone}>{children}</div>
    </SpeechContext.Provider>
  );
}
