// The top bar: which station, how much is open, and whether this screen can be believed (L10). A
// function of what it is given.

import type { ComponentChildren } from "preact";
import { Icon } from "../design/icons";
import { clock } from "../time";
import style from "./screen.module.css";
import { useSpeech } from "./speech";
import { keepFocus } from "./ticket-view";
import type { Trust } from "./trust";

interface BarProps {
  readonly station: string;
  readonly open: number;
  readonly late: number;
  readonly soon: number;
  readonly unsent: number;
  readonly trust: Trust;
  readonly age_ms: number;
  /** The newest event heard of. */
  readonly seq: number;
  readonly sound: "on" | "blocked" | "muted";
  /** Said where something is hidden. */
  readonly only: ComponentChildren;
  /** Nobody has checked this screen today. */
  readonly checkDue: boolean;
  readonly onCheck: () => void;
  readonly onStation: () => void;
  readonly onSound: () => void;
  /** The menu under the station's name. */
  readonly children: ComponentChildren;
}

export function Bar(props: BarProps) {
  const { words } = useSpeech();
  return (
    <header class={style.bar}>
      <h1 class={style.station}>
        <button type="button" aria-haspopup="dialog" onMouseDown={keepFocus} onClick={props.onStation}>
          <span>{props.station}</span> <Icon sign="switch" />
        </button>
      </h1>
      {props.children}
      {props.only}
      <p class={style.open}>
        <b class="num">{props.open}</b> {words.open}
        <span class={style.late}>
          <Icon sign="late" />
          <b class="num">{props.late}</b> {words.late}
        </span>
        <span class={style.soon}>
          <Icon sign="soon" />
          <b class="num">{props.soon}</b> {words.soon}
        </span>
      </p>
      <div class={style.space} />
      {props.checkDue && (
        <button type="button" class={style.blocked} onMouseDown={keepFocus} onClick={props.onCheck}>
          <Icon sign="tick" />
          {words.check}
        </button>
      )}
      {props.sound === "blocked" && (
        <button type="button" class={style.blocked} onMouseDown={keepFocus} onClick={props.onSound}>
          <Icon sign="mute" />
          {words.soundBlocked}
        </button>
      )}
      <div class={style.link} role="status">
        <Taps unsent={props.unsent} />
        <Current trust={props.trust} age_ms={props.age_ms} />
        {props.seq > 0 && <span class={`num ${style.seq}`}>{words.lastEvent(props.seq)}</span>}
        <button
          type="button"
          class={style.sound}
          aria-label={words.sound}
          aria-pressed={props.sound === "on"}
          onMouseDown={keepFocus}
          onClick={props.onSound}
        >
          <Icon sign={props.sound === "on" ? "sound" : "mute"} />
        </button>
      </div>
      <Clock />
    </header>
  );
}

function Taps({ unsent }: { readonly unsent: number }) {
  const { words } = useSpeech();
  return unsent === 0 ? (
    <span class={style.taps}>
      <Icon sign="sent" turns />
      <span class={style.sentWord}>{words.allSent}</span>
    </span>
  ) : (
    <span class={`${style.taps} ${style.waiting}`}>
      <Icon sign="up" />
      {words.waiting(unsent)}
    </span>
  );
}

function Current({ trust, age_ms }: { readonly trust: Trust; readonly age_ms: number }) {
  const { words } = useSpeech();
  switch (trust) {
    case "live":
      return (
        <span class={style.live}>
          <Icon sign="live" />
          {words.live} <time dir="ltr">{(age_ms / 1_000).toFixed(1)} s</time>
        </span>
      );
    case "starting":
    case "moving":
      return <span class={style.moving}>{words.connecting}</span>;
    case "stale":
      return (
        <span class={style.warn}>
          <Icon sign="old" />
          {words.dataOld(span(age_ms))}
        </span>
      );
    case "offline":
      return (
        <span class={style.warn}>
          <Icon sign="cut" />
          {words.notConnected}
        </span>
      );
  }
}

function Clock() {
  return <time class={style.clock}>{useSpeech().time(clock.value)}</time>;
}

/** An age for a sentence: seconds, then minutes. */
export function span(age_ms: number): string {
  const seconds = Math.floor(age_ms / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
