// The list behind the bell: what the restaurant was told, newest first. Takes the notes, gives what is put away.

import { useEffect } from "preact/hooks";
import { Sheet } from "../../table/views/sheet";
import { Round, Soft } from "../../table/views/shell";
import { clock } from "../../time";
import type { Notification } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import type { FloorWords } from "../words/en";
import style from "./floor.module.css";

export interface InboxSheetProps {
  readonly notes: readonly Notification[];
  readonly onOpened: () => void;
  readonly onPutAway: (id: string) => void;
  /** To what guests are told; `null` for who may not change it. */
  readonly onMessages: (() => void) | null;
  readonly onBack: () => void;
}

export function InboxSheet({ notes, onOpened, onPutAway, onMessages, onBack }: InboxSheetProps) {
  const { words } = useFloorSpeech();
  useEffect(() => () => onOpened(), []);
  return (
    <Sheet label={words.inbox.title} onClose={onBack}>
      <div class={style.sheet}>
        <h1>{words.inbox.title}</h1>
        {notes.length === 0 && <p>{words.inbox.empty}</p>}
        <ul class={style.notes}>
          {notes.map((note) => (
            <li key={note.id} data-new={note.read_at === null ? "" : undefined}>
              <p>
                <b dir="auto">{textOf(note, words)}</b>
                <time>{words.minutesAgo(Math.floor((clock.value - Date.parse(note.at)) / 60_000))}</time>
              </p>
              <Round icon="cross" label={words.inbox.putAway} onPress={() => onPutAway(note.id)} />
            </li>
          ))}
        </ul>
        {onMessages && <Soft onPress={onMessages}>{words.messages.title}</Soft>}
      </div>
    </Sheet>
  );
}

function textOf(note: Notification, words: FloorWords): string {
  const place = note.table ?? words.orderNumber(note.number ?? 0);
  switch (note.kind) {
    case "unseen":
      return words.inbox.unseen(place, note.number ?? 0);
    case "called":
      return words.inbox.called(place);
    default:
      return words.inbox.notTold(place, note.number ?? 0);
  }
}
