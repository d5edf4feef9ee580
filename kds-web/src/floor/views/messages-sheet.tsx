// What a restaurant tells its guests when the page is closed, and by which channels: a manager's switches. Takes what
// holds, gives the whole of it with one change.

import { Sheet } from "../../table/views/sheet";
import type { Channels, Messages } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";

export interface MessagesSheetProps {
  readonly messages: Messages;
  /** What the server itself can; the others are not offered. `null`: not known yet. */
  readonly channels: readonly (keyof Channels)[] | null;
  readonly state: "saving" | "failed" | null;
  readonly onSet: (messages: Messages) => void;
  readonly onBack: () => void;
}

const NEWS = ["received", "accepted", "ready", "cancelled"] as const;

export function MessagesSheet({ messages, channels, state, onSet, onBack }: MessagesSheetProps) {
  const { words } = useFloorSpeech();
  const { messages: said } = words;
  return (
    <Sheet label={said.title} onClose={onBack}>
      <div class={style.sheet}>
        <h1>{said.title}</h1>
        <p>{said.more}</p>
        <fieldset class={style.switches} disabled={state === "saving"}>
          <legend>{said.news}</legend>
          {NEWS.map((one) => (
            <Switch
              key={one}
              text={said[one]}
              on={messages[one]}
              onSet={(on) => onSet({ ...messages, [one]: on })}
            />
          ))}
        </fieldset>
        <fieldset class={style.switches} disabled={state === "saving"}>
          <legend>{said.by}</legend>
          {channels?.length === 0 && <p>{said.none}</p>}
          {channels?.map((one) => (
            <Switch
              key={one}
              text={said[one]}
              on={messages.channels[one]}
              onSet={(on) => onSet({ ...messages, channels: { ...messages.channels, [one]: on } })}
            />
          ))}
        </fieldset>
        <p role="status">{state === null ? "" : said[state]}</p>
      </div>
    </Sheet>
  );
}

interface SwitchProps {
  readonly text: string;
  readonly on: boolean;
  readonly onSet: (on: boolean) => void;
}

function Switch({ text, on, onSet }: SwitchProps) {
  return (
    <label>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        onChange={(event) => onSet(event.currentTarget.checked)}
      />
      {text}
    </label>
  );
}
