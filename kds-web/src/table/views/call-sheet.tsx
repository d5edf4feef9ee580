// "What do you need?": calls the staff, and shows who comes. Takes what each reason is at, gives taps.

import { clock, stopwatch } from "../../time";
import type { CallReason } from "../../wire/types";
import { type Calling, REASONS } from "../calls";
import { useSpeech } from "../speech";
import { Icon, type IconName } from "./icon";
import { Sheet } from "./sheet";
import style from "./sheet.module.css";
import { Small } from "./shell";

export interface CallSheetProps {
  readonly calling: Readonly<Record<CallReason, Calling>>;
  /** There is a connection to call over. */
  readonly live: boolean;
  /** Why the last call was not taken. */
  readonly refused: string | null;
  readonly onCall: (reason: CallReason) => void;
  readonly onNotNeeded: (reason: CallReason) => void;
  readonly onClose: () => void;
}

const ICON: Readonly<Record<CallReason, IconName>> = {
  waiter: "hand",
  bill: "bill",
  water: "drop",
  cutlery: "fork",
};

export function CallSheet({ calling, live, refused, onCall, onNotNeeded, onClose }: CallSheetProps) {
  const { words } = useSpeech();
  const under = live ? words.call.under : words.call.offline;
  return (
    <Sheet label={words.call.title} onClose={onClose}>
      <div class={style.call}>
        <h1>{words.call.title}</h1>
        <p role="status">{refused ?? under}</p>
        <ul>
          {REASONS.map((reason) => (
            <li key={reason}>
              <Reason
                reason={reason}
                calling={calling[reason]}
                live={live}
                onCall={() => onCall(reason)}
                onNotNeeded={() => onNotNeeded(reason)}
              />
            </li>
          ))}
        </ul>
      </div>
    </Sheet>
  );
}

interface ReasonProps {
  readonly reason: CallReason;
  readonly calling: Calling;
  readonly live: boolean;
  readonly onCall: () => void;
  readonly onNotNeeded: () => void;
}

function Reason({ reason, calling, live, onCall, onNotNeeded }: ReasonProps) {
  const { words } = useSpeech();
  const word = words.call.reason[reason];
  if (calling.is === "called" || calling.is === "coming") {
    return (
      <div class={style.called} role="status">
        <Icon name={calling.is === "coming" ? "tick" : "bell"} />
        <p>
          <b>{calling.is === "coming" ? words.call.coming : word}</b>
          <span class="num">
            {calling.is === "coming" ? word : words.call.calledAgo(stopwatch(clock.value - calling.at))}
          </span>
        </p>
        <Small disabled={!live} onPress={onNotNeeded}>
          {words.call.notNeeded}
        </Small>
      </div>
    );
  }
  const rests = calling.is === "resting" ? words.call.again(stopwatch(calling.until - clock.value)) : null;
  return (
    <button type="button" class={style.reason} disabled={!live || calling.is !== "free"} onClick={onCall}>
      <Icon name={ICON[reason]} />
      <span>
        {word}
        {rests !== null && <small class="num">{rests}</small>}
        {calling.is === "sending" && <small>{words.call.sending}</small>}
      </span>
    </button>
  );
}
