// The code of a screen that asks to be paired, as large as the wall lets it be. A function of what it is given.

import style from "./forms.module.css";
import type { PairingState } from "./pairing";
import { useSpeech } from "./speech";

interface PairThisProps {
  readonly state: PairingState;
  /** Where a manager comes to with the code in hand already. */
  readonly link: (code: string) => string;
  readonly onBack: () => void;
}

export function PairThis({ state, link, onBack }: PairThisProps) {
  const { words } = useSpeech();
  return (
    <main class={style.pairing}>
      <h1>{words.pairThis}</h1>
      <p>{state.is === "no_answer" ? words.noAnswer : words.pairHow}</p>
      <p class={style.code} aria-live="polite">
        {state.is === "shown" ? `${state.code.slice(0, 4)} ${state.code.slice(4)}` : "…"}
      </p>
      {state.is === "shown" && (
        <p class={style.link}>
          {words.pairLink} <b dir="ltr">{link(state.code)}</b>
        </p>
      )}
      <button type="button" class={style.second} onClick={onBack}>
        {words.close}
      </button>
    </main>
  );
}
