// How the stations stand, over the tickets of the pass: open, late, and whether their screens show what they
// should. A function of what it is given.

import { Icon } from "../design/icons";
import type { Load } from "./counts";
import style from "./screen.module.css";
import { useSpeech } from "./speech";

export function StationsRow({ loads }: { readonly loads: readonly Load[] }) {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <ul class={style.stations}>
      {loads.map(({ station, open, late, unseen }) => (
        <li key={station} class={unseen > 0 ? style.dark : ""}>
          <b>{speech.station(station)}</b>
          <span class="num">{words.openAndLate(open, late)}</span>
          <small>
            <Icon sign={unseen > 0 ? "cut" : "live"} />
            {unseen > 0 ? words.notOnScreen(unseen) : words.allShown}
          </small>
        </li>
      ))}
    </ul>
  );
}
