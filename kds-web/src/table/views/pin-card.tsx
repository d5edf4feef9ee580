// The table's PIN: a field, and what became of the last try. Takes the state, gives the PIN.

import { useState } from "preact/hooks";
import { useSpeech } from "../speech";
import style from "./cart.module.css";
import { Icon } from "./icon";
import { shellStyle } from "./shell";

export interface Pin {
  readonly state: "idle" | "checking" | "wrong" | "locked";
  readonly onPin: (pin: string) => void;
}

const PIN_CHARS = 12;

export function PinCard({ pin: { state, onPin } }: { readonly pin: Pin }) {
  const { words } = useSpeech();
  const [text, setText] = useState("");
  const give = (event: Event) => {
    event.preventDefault();
    if (text.trim() !== "") onPin(text.trim());
  };
  return (
    <section class={`${shellStyle.card} ${shellStyle.roomy} ${style.pin}`}>
      <h2>
        <Icon name="lock" />
        {words.pin.ask}
      </h2>
      <p>{words.pin.more}</p>
      <form onSubmit={give}>
        <input
          class={shellStyle.field}
          aria-label={words.pin.field}
          inputMode="numeric"
          autocomplete="off"
          maxLength={PIN_CHARS}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button
          type="submit"
          class={`${shellStyle.small} ${shellStyle.pick}`}
          disabled={state === "checking" || state === "locked"}
        >
          {words.pin.send}
        </button>
      </form>
      <p role="status" class={state === "wrong" || state === "locked" ? style.bad : ""}>
        {state !== "idle" && words.pin[state]}
      </p>
    </section>
  );
}
