// The wall screen, put together from its views: reads the kitchen's signals, hands plain values down and
// touches back. Owns what only this device cares about: which menu is open, theme, text size.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recall, remember } from "../storage";
import { clock } from "../time";
import type { Undone } from "../wire/outbox";
import type { Language } from "../words/language";
import { Bar } from "./bar";
import type { Board } from "./board";
import { alarmsToShow, allDay, bumped, pace, soldOut, verdicts } from "./counts";
import { KeyBar } from "./key-bar";
import { Keys } from "./keys";
import type { Kitchen } from "./kitchen";
import { FirstChoice, Help, Panel, type Theme, ZOOMS, type Zoom } from "./panel";
import { Rail } from "./rail";
import style from "./screen.module.css";
import { perPage } from "./slots";
import { Slots } from "./slots-view";
import { useSpeech } from "./speech";
import { orderOf } from "./taps";
import { promisedOf } from "./ticket";
import type { Touch } from "./touch";

interface ScreenProps {
  readonly kitchen: Kitchen;
  readonly touch: Touch;
  readonly who: string;
  readonly onLanguage: (language: Language) => void;
  readonly onSignOut: () => void;
}

export function Screen(props: ScreenProps) {
  const { kitchen } = props;
  const { words } = useSpeech();
  const board = kitchen.board.value;
  const shown = kitchen.shown.value;
  useKeys(props.touch);
  useWakeLock();
  if (!board) {
    const cut = kitchen.hub.link.value.is === "offline";
    return (
      <NotShowing current={!cut}>
        {cut ? `${words.noConnection} ${words.tryingAgain}` : words.connecting}
      </NotShowing>
    );
  }
  if (shown === undefined) {
    return <FirstChoice stations={board.stations} shown={shown} onChoose={(next) => kitchen.choose(next)} />;
  }
  return <Wall {...props} board={board} />;
}

/** No tickets to show, and why; in the frame of a screen that is not current, unless it only begins. */
export function NotShowing({
  current = false,
  children,
}: {
  readonly current?: boolean;
  readonly children: string;
}) {
  return (
    <main class={style.starting} data-trust={current ? "live" : "offline"}>
      <p>{children}</p>
    </main>
  );
}

function Wall({
  kitchen,
  touch,
  who,
  onLanguage,
  onSignOut,
  board,
}: ScreenProps & { readonly board: Board }) {
  const speech = useSpeech();
  const menuOpen = useSignal(false);
  const look = useLook();
  const shown = kitchen.shown.value ?? null;
  const trust = kitchen.trust.value;
  const unsent = kitchen.hub.outbox.pending.value.length;
  const names = board.stations
    .filter((station) => shown?.has(station.id))
    .map((station) => speech.text(station.name));
  return (
    <div class={style.wall} data-trust={trust}>
      <Counted kitchen={kitchen}>
        {(counts) => (
          <Bar
            {...counts}
            station={names.join(" + ") || speech.words.allStations}
            unsent={unsent}
            trust={trust}
            age_ms={kitchen.age_ms.value ?? 0}
            sound={soundOf(kitchen)}
            onStation={() => {
              menuOpen.value = !menuOpen.value;
            }}
            onSound={() => (kitchen.sounds.blocked.value ? void kitchen.sounds.unlock() : touch.mute())}
          >
            {menuOpen.value && (
              <Panel
                stations={board.stations}
                shown={shown}
                who={who}
                theme={look.theme.value}
                zoom={look.zoom.value}
                onChoose={(next) => kitchen.choose(next)}
                onTheme={(theme) => look.wear(theme)}
                onZoom={(zoom) => look.size(zoom)}
                onLanguage={onLanguage}
                onTestSound={() => kitchen.sounds.play("new")}
                onSignOut={onSignOut}
                onClose={() => {
                  menuOpen.value = false;
                }}
              />
            )}
          </Bar>
        )}
      </Counted>
      <main class={style.floor}>
        <Slots kitchen={kitchen} touch={touch} />
        <RailOf kitchen={kitchen} touch={touch} board={board} />
      </main>
      <Foot kitchen={kitchen} touch={touch} board={board} />
      {touch.help.value && (
        <Help
          onClose={() => {
            touch.help.value = false;
          }}
        />
      )}
    </div>
  );
}

/** Redrawn each second without redrawing the tickets. */
function Counted({
  kitchen,
  children,
}: {
  readonly kitchen: Kitchen;
  readonly children: (counts: Record<"open" | "late" | "soon", number>) => preact.JSX.Element;
}) {
  return children(verdicts(kitchen.tickets.value, clock.value));
}

function RailOf({
  kitchen,
  touch,
  board,
}: {
  readonly kitchen: Kitchen;
  readonly touch: Touch;
  readonly board: Board;
}) {
  const done = bumped(kitchen.orders.value, kitchen.shown.value ?? null);
  const from = (order: (typeof done)[number]["order"]) =>
    promisedOf(order, board.restaurant.settings).from_ms;
  return (
    <Rail
      toCook={allDay(kitchen.tickets.value, board.dishes)}
      soldOut={soldOut(board.dishes)}
      bumped={done}
      pace={pace(done, from)}
      onRecall={(order) => touch.recall(order)}
    />
  );
}

function Foot({
  kitchen,
  touch,
  board,
}: {
  readonly kitchen: Kitchen;
  readonly touch: Touch;
  readonly board: Board;
}) {
  const speech = useSpeech();
  const { outbox, link } = kitchen.hub;
  const nameOf = ({ pending, ...undone }: Undone) => {
    const current = undone.is === "refused" ? undone.refused.current : undefined;
    const order = current ?? board.orders.get(orderOf(pending.command) ?? "");
    return order ? speech.name(order) : speech.words.allStations;
  };
  return (
    <KeyBar
      trust={kitchen.trust.value}
      age_ms={kitchen.age_ms.value ?? 0}
      unsent={outbox.pending.value.length}
      ended={link.value.is === "ended" ? link.value.reason.message : null}
      undone={outbox.undone.value}
      alarms={alarmsToShow(board, kitchen.tickets.value, kitchen.shown.value ?? null, clock.value)}
      hint={touch.hint.value}
      back={kitchen.back.value}
      undo={touch.undoable.value?.order ?? null}
      page={kitchen.page.value}
      pages={namesByPage(kitchen, speech.name.bind(speech))}
      nameOf={nameOf}
      onDismiss={({ pending }) => outbox.dismiss(pending.id)}
      onDismissAlarm={(order) => touch.dismissAlarm(order)}
      onUndo={() => touch.undo()}
      onPage={(page) => touch.turn(page - kitchen.page.value)}
      onHelp={() => touch.act({ do: "help" })}
    />
  );
}

function namesByPage(
  kitchen: Kitchen,
  name: (order: Board["orders"] extends ReadonlyMap<string, infer O> ? O : never) => string,
): string[][] {
  const size = perPage(kitchen.room.value);
  const pages = Array.from({ length: kitchen.pages.value }, (): string[] => []);
  for (const { cut, place } of kitchen.standing.value) {
    if (cut.nth === 0) {
      pages[Math.floor(place.cell / size)]?.push(name(cut.ticket.order));
    }
  }
  return pages;
}

function soundOf(kitchen: Kitchen): "on" | "blocked" | "muted" {
  if (kitchen.sounds.blocked.value) {
    return "blocked";
  }
  return kitchen.sounds.mutedUntil.value > clock.value ? "muted" : "on";
}

/** Keys work wherever the eye is, except in fields and menus, and except where Tab has put a real focus. */
function useKeys(touch: Touch): void {
  const keys = useRef(new Keys());
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const action = keys.current.down(event);
      const target = event.target as Element;
      const own =
        target.closest("input, [role=menu]") !== null ||
        (target.closest("button") !== null && /^(Enter| )$/.test(event.key));
      if (action && !own) {
        event.preventDefault();
        touch.act(action);
      }
    };
    const up = (event: KeyboardEvent) => {
      const action = keys.current.up(event);
      if (action) {
        touch.act(action);
      }
    };
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
    };
  }, [touch]);
}

/** A wall screen must not fall asleep. Only over HTTPS; asked for again after the page was hidden. */
function useWakeLock(): void {
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === "visible") {
        void navigator.wakeLock?.request("screen").catch(() => {});
      }
    };
    ask();
    document.addEventListener("visibilitychange", ask);
    return () => document.removeEventListener("visibilitychange", ask);
  }, []);
}

/** Theme and text size of this device. */
function useLook() {
  const theme = useSignal<Theme>(recall("theme") === "light" ? "light" : "dark");
  const zoom = useSignal<Zoom>(ZOOMS.find((size) => size === recall("zoom")) ?? "1");
  useSignalEffect(() => {
    document.documentElement.classList.toggle("light", theme.value === "light");
    document.documentElement.style.setProperty("--text-zoom", zoom.value);
  });
  return {
    theme,
    zoom,
    wear: (next: Theme) => {
      theme.value = next;
      remember("theme", next);
    },
    size: (next: Zoom) => {
      zoom.value = next;
      remember("zoom", next);
    },
  };
}
