// Menus of this screen: which stations it shows, how it looks, the keys, and the door out. Functions of
// what they are given.

import type { Station, StationId } from "../wire/types";
import { LANGUAGES, type Language } from "../words/language";
import type { Choice } from "./choice";
import style from "./forms.module.css";
import { useSpeech } from "./speech";
import type { Shown } from "./ticket";

export const ZOOMS = ["0.875", "1", "1.125", "1.25"] as const;
export type Zoom = (typeof ZOOMS)[number];
export type Theme = "dark" | "light";

const OTHERS = ["pass", "board"] as const;

interface StationsProps {
  readonly stations: readonly Station[];
  readonly choice: Choice | undefined;
  readonly onChoose: (choice: Choice) => void;
}

/** One tap shows a station; a tap on another adds it; all, the pass and the board are choices of their own. */
export function Stations({ stations, choice, onChoose }: StationsProps) {
  const speech = useSpeech();
  const shown = choice?.purpose === "stations" ? choice.shown : undefined;
  const show = (next: Shown) => onChoose({ purpose: "stations", shown: next });
  const toggle = (id: StationId) => {
    const next = new Set(shown ?? []);
    if (!next.delete(id)) {
      next.add(id);
    }
    show(next.size === 0 || next.size === stations.length ? null : next);
  };
  return (
    <div class={style.choices}>
      <button type="button" aria-pressed={shown === null} onClick={() => show(null)}>
        {speech.words.allStations}
      </button>
      {stations.map((station) => (
        <button
          type="button"
          key={station.id}
          aria-pressed={shown?.has(station.id) ?? false}
          onClick={() => toggle(station.id)}
        >
          {speech.text(station.name)}
        </button>
      ))}
      {OTHERS.map((purpose) => (
        <button
          type="button"
          key={purpose}
          aria-pressed={choice?.purpose === purpose}
          onClick={() => onChoose({ purpose, shown: null })}
        >
          {speech.words[purpose]}
        </button>
      ))}
    </div>
  );
}

/** The first time on a device, before any ticket is shown. */
export function FirstChoice(props: StationsProps) {
  const { words } = useSpeech();
  return (
    <main class={style.first}>
      <h1>{words.whichStation}</h1>
      <Stations {...props} />
    </main>
  );
}

interface PanelProps extends StationsProps {
  readonly who: string;
  readonly theme: Theme;
  readonly zoom: Zoom;
  readonly onTheme: (theme: Theme) => void;
  readonly onZoom: (zoom: Zoom) => void;
  readonly onLanguage: (language: Language) => void;
  readonly onTestSound: () => void;
  /** `null`: this person may not. */
  readonly onScreens: (() => void) | null;
  /** Where managers see who works here. */
  readonly staff: string;
  readonly onSignOut: () => void;
  readonly onClose: () => void;
}

export function Panel(props: PanelProps) {
  const { words, language } = useSpeech();
  return (
    <div
      class={style.panel}
      role="dialog"
      aria-label={words.settings}
      data-panel
      onKeyDown={(event) => event.key === "Escape" && props.onClose()}
    >
      <h2>{words.station}</h2>
      <Stations {...props} />
      <h2>{words.theme}</h2>
      <Choices of={{ dark: words.dark, light: words.light }} chosen={props.theme} onChoose={props.onTheme} />
      <h2>{words.textSize}</h2>
      <Choices
        of={{ "0.875": "A−", "1": "A", "1.125": "A+", "1.25": "A++" }}
        chosen={props.zoom}
        onChoose={props.onZoom}
      />
      <h2>{words.language}</h2>
      <Choices of={LANGUAGES} chosen={language} onChoose={props.onLanguage} />
      <p class={style.who}>{words.signedInAs(props.who)}</p>
      <div class={style.choices}>
        <button type="button" onClick={props.onTestSound}>
          {words.testSound}
        </button>
        {props.onScreens && (
          <button type="button" onClick={props.onScreens}>
            {words.screens}
          </button>
        )}
        {props.onScreens && <a href={props.staff}>{words.staff}</a>}
        <button type="button" onClick={props.onSignOut}>
          {words.signOut}
        </button>
        <button type="button" onClick={props.onClose}>
          {words.close}
        </button>
      </div>
    </div>
  );
}

interface ChoicesProps<T extends string> {
  readonly of: Readonly<Record<T, string>>;
  readonly chosen: T;
  readonly onChoose: (one: T) => void;
}

function Choices<T extends string>({ of, chosen, onChoose }: ChoicesProps<T>) {
  const entries = Object.entries(of) as [T, string][];
  entries.sort(([a], [b]) => Number(a) - Number(b) || 0);
  return (
    <div class={style.choices}>
      {entries.map(([one, name]) => (
        <button type="button" key={one} aria-pressed={one === chosen} onClick={() => onChoose(one)}>
          {name}
        </button>
      ))}
    </div>
  );
}
