// The bottom bar: hints, the last undo, pages. Whatever must be said is said in the same place, so that
// nothing above it shifts: first that the screen is not current, then what was refused, then the rest.
// A function of what it is given.

import type { ComponentChildren } from "preact";
import { Icon, type Sign } from "../design/icons";
import { clock, serverNow, stopwatch } from "../time";
import type { Undone } from "../wire/outbox";
import type { Order } from "../wire/types";
import type { Back } from "./absence";
import { span } from "./bar";
import type { Alarm } from "./board";
import type { Act, KeyMap } from "./keys";
import { keyLabel } from "./keys-list";
import style from "./screen.module.css";
import { type Speech, useSpeech } from "./speech";
import { keepFocus } from "./ticket-view";
import type { Drawer, Hint } from "./touch";
import type { Trust } from "./trust";

interface KeyBarProps {
  readonly trust: Trust;
  readonly age_ms: number;
  readonly unsent: number;
  /** What the server said when it ended the connection for good. */
  readonly ended: string | null;
  readonly undone: readonly Undone[];
  readonly alarms: readonly Alarm[];
  readonly hint: Hint | null;
  readonly back: Back | null;
  readonly undo: Order | null;
  readonly page: number;
  /** Names of what stands on each page. */
  readonly pages: readonly (readonly string[])[];
  readonly nameOf: (undone: Undone) => string;
  readonly onDismiss: (undone: Undone) => void;
  readonly onDismissAlarm: (order: string) => void;
  readonly onUndo: () => void;
  readonly onPage: (page: number) => void;
  readonly keys: KeyMap;
  readonly onOpen: (drawer: Drawer) => void;
}

export function KeyBar(props: KeyBarProps) {
  const [undone, alarm] = [props.undone[0], props.alarms[0]];
  if (props.trust === "offline" || props.trust === "stale") {
    return <NotCurrent {...props} />;
  }
  return (
    <footer class={style.keys}>
      {undone ? (
        <Refusal
          undone={undone}
          more={props.undone.length - 1}
          name={props.nameOf(undone)}
          ok={label(props.keys, "ok")}
          onDismiss={() => props.onDismiss(undone)}
        />
      ) : alarm ? (
        <NotShown
          alarm={alarm}
          more={props.alarms.length - 1}
          ok={label(props.keys, "ok")}
          onDismiss={() => props.onDismissAlarm(alarm.unseen.order)}
        />
      ) : (
        <Said {...props} />
      )}
      {props.undo && <UndoButton key={props.undo.id} {...props} order={props.undo} />}
      {props.pages.length > 1 && <Pages {...props} />}
    </footer>
  );
}

function NotCurrent({ trust, age_ms, unsent, ended }: KeyBarProps) {
  const speech = useSpeech();
  const { words } = speech;
  const since = speech.time(serverNow() - age_ms, true);
  if (trust === "stale") {
    return (
      <footer class={`${style.word} ${style.old}`}>
        <Icon sign="old" />
        <b role="alert">{words.outOfDate}</b>
        <span>{words.lastNews(span(age_ms))}</span>
        <time>{since}</time>
      </footer>
    );
  }
  return (
    <footer class={`${style.word} ${style.cut}`}>
      <Icon sign="cut" />
      <b role="alert">{words.noConnection}</b>
      <span>{ended ?? words.keepCooking(unsent)}</span>
      <time>{words.since(since)}</time>
    </footer>
  );
}

/** First what answers a hand, then what the screen says by itself. */
function Said(props: KeyBarProps) {
  const { hint, back } = props;
  const { words } = useSpeech();
  switch (hint) {
    case "allergy_first":
      return <Message sign="shield">{words.allergyFirst}</Message>;
    case "muted":
      return <Message sign="mute">{words.muted}</Message>;
    case "loud":
      return <Message sign="sound">{words.loud}</Message>;
    case "no_answer":
      return <Message sign="cut">{words.noAnswer}</Message>;
    case "not_ready":
      return <Message sign="clock">{words.notReady}</Message>;
    case null:
      return back ? (
        <Message sign="tick">{words.backAgain(back.taps, back.tickets)}</Message>
      ) : (
        <Hints {...props} />
      );
  }
}

function Message({ sign, children }: { readonly sign: Sign; readonly children: ComponentChildren }) {
  return (
    <p class={style.message} role="status">
      <Icon sign={sign} />
      {children}
    </p>
  );
}

interface RefusalProps {
  readonly undone: Undone;
  readonly more: number;
  readonly name: string;
  /** The key that says OK. */
  readonly ok: string;
  readonly onDismiss: () => void;
}

function Refusal({ undone, more, name, ok, onDismiss }: RefusalProps) {
  const speech = useSpeech();
  return (
    <button type="button" class={style.notice} onMouseDown={keepFocus} onClick={onDismiss}>
      <Icon sign="cross" />
      <span role="alert">{refusalText(speech, undone, name)}</span>
      <kbd>{ok}</kbd>
      <b>{speech.words.gotIt}</b>
      {more > 0 && <span class="num">{speech.words.more(more)}</span>}
    </button>
  );
}

function refusalText(speech: Speech, undone: Undone, name: string): string {
  const { words } = speech;
  if (undone.is === "dropped") {
    return words.dropped(name);
  }
  const { code, message, current } = undone.refused;
  if (current?.cancelled_at) {
    return words.refusedCancelled(name, speech.time(Date.parse(current.cancelled_at)));
  }
  switch (code) {
    case "changed":
      return words.refusedChanged(name);
    case "unknown_order":
      return words.refusedGone(name);
    case "allergy_unconfirmed":
      return words.refused(name, words.allergyFirst);
    default:
      return words.refused(name, message);
  }
}

function NotShown({
  alarm,
  more,
  ok,
  onDismiss,
}: {
  readonly alarm: Alarm;
  readonly more: number;
  readonly ok: string;
  readonly onDismiss: () => void;
}) {
  const speech = useSpeech();
  const { unseen } = alarm;
  const stations = unseen.stations.map((id) => speech.station(id)).join(", ");
  const waited = stopwatch(clock.value - Date.parse(unseen.since));
  return (
    <button type="button" class={style.alarm} onMouseDown={keepFocus} onClick={onDismiss}>
      <Icon sign="bell" />
      <span role="alert">{speech.words.notShown(speech.name(unseen), stations, waited)}</span>
      <kbd>{ok}</kbd>
      <b>{speech.words.iToldThem}</b>
      {more > 0 && <span class="num">{speech.words.more(more)}</span>}
    </button>
  );
}

function UndoButton({ order, keys, onUndo }: KeyBarProps & { readonly order: Order }) {
  const speech = useSpeech();
  return (
    <button type="button" class={style.undo} onMouseDown={keepFocus} onClick={onUndo}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="9" class={style.ringGround} />
        <circle cx="12" cy="12" r="9" class={style.ring} pathLength="100" />
      </svg>
      <b>{speech.name(order)}</b> {speech.words.wasBumped} <kbd>{label(keys, "undo")}</kbd>
      {speech.words.undo}
    </button>
  );
}

/** Few pages name what waits on them; many name only the next. */
const NAMED_PAGES = 4;
const NAMES = 4;

function Pages({ page, pages, onPage }: KeyBarProps) {
  const { words } = useSpeech();
  const named = (i: number) => i !== page && (pages.length <= NAMED_PAGES || i === page + 1);
  return (
    <nav class={style.pages}>
      {pages.map((names, i) => (
        <button
          type="button"
          key={`page ${i + 1}`}
          aria-label={words.page(i + 1)}
          aria-current={i === page ? "page" : undefined}
          onMouseDown={keepFocus}
          onClick={() => onPage(i)}
        >
          <b class="num">{i + 1}</b>
          {named(i) && <span>{names.slice(0, NAMES).join(" ")}</span>}
          {named(i) && names.length > NAMES && <span class="num">{words.more(names.length - NAMES)}</span>}
        </button>
      ))}
    </nav>
  );
}

function Hints({ keys, onOpen }: KeyBarProps) {
  const { words } = useSpeech();
  const slots = `${label(keys, "slot_1")}–${label(keys, "slot_9")}`;
  const hints: [string, string][] = [
    [slots, words.slot],
    ...(["line", "bump", "recall", "undo", "rush", "pin"] as const).map((act): [string, string] => [
      label(keys, act),
      words.keys[act],
    ]),
  ];
  return (
    <p class={style.hints}>
      {hints.map(([key, word]) => (
        <span key={word}>
          <kbd>{key}</kbd>
          {word}
        </span>
      ))}
      {(["all_day", "bumped", "sold_out", "help"] as const).map((drawer) => (
        <button type="button" key={drawer} onMouseDown={keepFocus} onClick={() => onOpen(drawer)}>
          <kbd>{label(keys, drawer)}</kbd>
          {words.keys[drawer]}
        </button>
      ))}
    </p>
  );
}

function label(keys: KeyMap, act: Act): string {
  return keyLabel(keys[act][0] ?? "—");
}
