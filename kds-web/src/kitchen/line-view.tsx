// One line of a ticket: mark with the quantity, dish, options, note. Tap anywhere on it. A function of
// what it is given.

import { Icon } from "../design/icons";
import { clock, stopwatch } from "../time";
import { pressed } from "./carry";
import { isWide } from "./sizes";
import { useSpeech } from "./speech";
import type { Group, TicketLine } from "./ticket";
import style from "./ticket.module.css";

interface LineProps {
  readonly line: TicketLine;
  readonly focused: boolean;
  readonly onTap: () => void;
  /** Pressed for long. */
  readonly onMore: () => void;
}

const MARKS = { queued: "", started: style.started, done: style.done, voided: style.voided };

export function LineView({ line, focused, onTap, onMore }: LineProps) {
  const { words } = useSpeech();
  const { mark } = line;
  const names = [
    style.line,
    MARKS[mark],
    line.unsent && style.unsent,
    line.asks && style.asks,
    line.held && style.held,
    focused && style.lineFocus,
  ];
  return (
    <li>
      {line.group && <GroupHead group={line.group} />}
      <button
        type="button"
        class={names.filter(Boolean).join(" ")}
        data-mark={mark}
        onMouseDown={(event) => event.preventDefault()}
        onPointerDown={(event) => pressed(event, onMore)}
        onContextMenu={(event) => event.preventDefault()}
        onClick={onTap}
      >
        <span class={style.mark}>
          <Mark line={line} />
        </span>
        {mark === "started" && line.started_ms !== null && <Running since_ms={line.started_ms} />}
        <About line={line} />
        {noteOf(line, true)}
        {line.asks && (
          <span class={style.confirm}>
            <Icon sign="tick" />
            {words.notCooking}
          </span>
        )}
        {line.unsent && (
          <span class={style.cloud} role="img" aria-label={words.waitingToSend}>
            <Icon sign="up" />
          </span>
        )}
      </button>
    </li>
  );
}

/** A station's name over its part of the ticket, and how far it is. */
function GroupHead({ group }: { readonly group: Group }) {
  const speech = useSpeech();
  const done = group.done === group.of;
  return (
    <p class={done ? `${style.group} ${style.groupDone}` : style.group}>
      {done && <Icon sign="tick" />}
      <b>{speech.station(group.station)}</b> {speech.words.doneOf(group.done, group.of)}
    </p>
  );
}

function Mark({ line }: { readonly line: TicketLine }) {
  switch (line.mark) {
    case "queued":
    case "started":
      return <span class="num">{line.line.quantity}</span>;
    case "done":
      return <Icon sign="tick" />;
    case "voided":
      return <Icon sign="cross" />;
  }
}

function Running({ since_ms }: { readonly since_ms: number }) {
  const span = stopwatch(clock.value - since_ms);
  return <time class={span.length > 4 ? `${style.fire} ${style.hot}` : style.fire}>{span}</time>;
}

function About({ line }: { readonly line: TicketLine }) {
  const speech = useSpeech();
  const { quantity, options } = line.line;
  const settled = line.mark === "done" || line.mark === "voided";
  return (
    <span class={style.about}>
      <span class={style.dish}>
        {settled && quantity > 1 && <span class="num">{quantity} </span>}
        <bdi>{speech.dish(line.line)}</bdi>
        {(line.line.remakes ?? 0) > 0 && (
          <span class={style.again}>{speech.words.again(line.line.remakes ?? 0)}</span>
        )}
      </span>
      {line.held && (
        <span class={style.onHold}>
          <Icon sign="pause" />
          {speech.words.onHold}
        </span>
      )}
      {line.mark === "voided" && (
        <span class={style.reason}>
          <bdi>{speech.voided(line.line)}</bdi>
        </span>
      )}
      {line.mark !== "voided" && options.length > 0 && (
        <span class={style.options}>
          {options.map((option) => (
            <Option key={option.id} text={speech.text(option.name)} extra={option.price > 0} />
          ))}
        </span>
      )}
      {noteOf(line, false)}
      {line.also.length > 0 && <Also line={line} />}
    </span>
  );
}

/** Beside the mark with all that is said of the dish; a long one under it, over the whole width. */
function noteOf({ mark, line: { note } }: TicketLine, wide: boolean) {
  return (
    mark !== "voided" &&
    note &&
    isWide(note) === wide && (
      <span class={wide ? `${style.note} ${style.wide}` : style.note}>
        <Icon sign="note" />
        <bdi>{note}</bdi>
      </span>
    )
  );
}

/** What is left out is said louder than what is added; what was merely chosen needs no sign. */
const LEFT_OUT = /^(no|sin|without|sans|ohne|senza)\s+(.+)$/i;

function Option({ text, extra }: { readonly text: string; readonly extra: boolean }) {
  const [, no, what] = LEFT_OUT.exec(text) ?? [];
  return no ? (
    <span class={style.no}>
      <bdi>
        {no.toUpperCase()} {what}
      </bdi>
    </span>
  ) : (
    <span class={extra ? style.extra : ""}>
      <bdi>{text}</bdi>
    </span>
  );
}

function Also({ line }: { readonly line: TicketLine }) {
  const speech = useSpeech();
  return (
    <span class={style.also}>
      <Icon sign="also" turns />
      {line.also.map(({ station, done }) => (
        <span key={station}>
          {done && <Icon sign="tick" class={style.there} />}
          {speech.words.alsoAt(speech.station(station))}{" "}
        </span>
      ))}
    </span>
  );
}
