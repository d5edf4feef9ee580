// The screens of the restaurant, for managers: pair another by the code that it shows, send one away. A
// function of what it is given.

import { useSignal } from "@preact/signals";
import type { Screen, ScreenId, Station, StationId } from "../wire/types";
import { DrawerFrame } from "./drawer";
import style from "./drawer.module.css";
import { useSpeech } from "./speech";

export interface NewScreen {
  readonly code: string;
  readonly name: string;
  readonly stations: StationId[];
}

interface ScreensProps {
  /** `null`: not known yet. */
  readonly screens: readonly Screen[] | null;
  readonly stations: readonly Station[];
  /** Of the screen that is to be paired, where a link brought it. */
  readonly code: string;
  /** Why the last one could not be paired. */
  readonly refused: string | null;
  readonly onPair: (screen: NewScreen) => void;
  readonly onRevoke: (screen: ScreenId) => void;
  readonly onClose: () => void;
}

export function ScreensList(props: ScreensProps) {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <DrawerFrame title={words.screens} onClose={props.onClose}>
      <PairForm {...props} />
      {props.screens?.map((screen) => (
        <div class={style.row} data-row key={screen.id}>
          <p class={style.name}>
            <b>{screen.name}</b>
            <small>{screen.stations.map((id) => speech.station(id)).join(", ") || words.allStations}</small>
          </p>
          <button type="button" class={style.act} onClick={() => props.onRevoke(screen.id)}>
            {words.sendAway} <span class="unseen">{screen.name}</span>
          </button>
        </div>
      ))}
    </DrawerFrame>
  );
}

function PairForm({ stations, code, refused, onPair }: ScreensProps) {
  const speech = useSpeech();
  const { words } = speech;
  const chosen = useSignal<readonly StationId[]>([]);
  const toggle = (id: StationId) => {
    const held = chosen.value.filter((other) => other !== id);
    chosen.value = held.length < chosen.value.length ? held : [...held, id];
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    onPair({ code: String(form.get("code")), name: String(form.get("name")), stations: [...chosen.value] });
  };
  return (
    <form class={style.form} onSubmit={submit}>
      <label>
        {words.codeOnScreen}
        <input
          name="code"
          defaultValue={code}
          required
          autocomplete="off"
          autocapitalize="characters"
          maxLength={12}
        />
      </label>
      <label>
        {words.screenName}
        <input name="name" required autocomplete="off" maxLength={60} />
      </label>
      <div class={style.counts} data-row>
        {stations.map(({ id, name }) => (
          <button type="button" key={id} aria-pressed={chosen.value.includes(id)} onClick={() => toggle(id)}>
            {speech.text(name)}
          </button>
        ))}
      </div>
      {refused && <p role="alert">{refused}</p>}
      <div data-row>
        <button type="submit" class={style.act}>
          {words.addScreen}
        </button>
      </div>
    </form>
  );
}
