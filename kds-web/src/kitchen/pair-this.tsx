// The code of a screen that asks to be paired, as large as the wall lets it be. A function of what it is given.

import style from "./forms.module.css";
import type { PairingState } from "./pairing";
import { useSpeech } from "./speech";

export function PairThis({ state, onBack }: { readonly state: PairingState; readonly onBack: () => void }) {
  const { words } = useSpeech();
  return (
    <main class={style.pairing}>
      <h1>{words.pairThis}</h1>
      <p>{state.is === "no_answer" ? words.noAnswer : words.pairHow}</p>
      <p class={style.code} aria-live="polite">
        {state.is === "shown" ? `${state.code.slice(0, 4)} ${state.code.slice(4)}` : "…"}
      </p>
      <button type="button" class={style.second} onClick={onBack}>
        {words.close}
      </button>
    </main>
  );
}
