// The wall screen, put together from its views: reads the kitchen's signals, hands plain values down and
// touches back. Owns what only this device cares about: which menu is open, theme, text size.

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recall, remember } from "../storage";
import { clock } from "../time";
import type { Undone } from "../wire/outbox";
import type { Language } from "../words/language";
import { Bar } from "./bar";
import type { Board } from "./board";
import { allDay, loads, pace, soldOut, verdicts } from "./counts";
import { drive } from "./drawer";
import { Drawers } from "./drawers";
import { Filter, Filtered } from "./filter";
import { KeyBar } from "./key-bar";
import { Keys } from "./keys";
import type { Only } from "./kinds";
import type { Kitchen } from "./kitchen";
import { FirstChoice, Panel, type Theme, ZOOMS, type Zoom } from "./panel";
import { PickupBoard } from "./pickup-view";
import { Rail } from "./rail";
import style from "./screen.module.css";
import { perPage } from "./slots";
import { Slots } from "./slots-view";
import { type Speech, useSpeech } from "./speech";
import { StationsRow } from "./stations-row";
import { orderOf } from "./taps";
import { promisedOf } from "./ticket";
import type { Touch } from "./touch";

interface ScreenProps {
  readonly kitchen: Kitchen;
  readonly touch: Touch;
  readonly who: string;
  /** May pair screens, and send them away. */
  readonly manages: boolean;
  readonly onLanguage: (language: Language) => void;
  readonly onSignOut: () => void;
}

export function Screen(props: ScreenProps) {
  const { kitchen } = props;
  const { words } = useSpeech();
  const board = kitchen.board.value;
  const choice = kitchen.choice.value;
  useKeys(props.touch);
  useEffect(() => {
    if (props.manages) {
      props.touch.openLink();
    }
  }, []);
  if (!board) {
    const cut = kitchen.hub.link.value.is === "offline";
    return (
      <NotShowing current={!cut}>
        {cut ? `${words.noConnection} ${words.tryingAgain}` : words.connecting}
      </NotShowing>
    );
  }
  if (choice === undefined) {
    return (
      <FirstChoice stations={board.stations} choice={choice} onChoose={(next) => kitchen.choose(next)} />
    );
  }
  return choice.purpose === "board" ? (
    <Counter {...props} board={board} />
  ) : (
    <Wall {...props} board={board} />
  );
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

/** The pickup board: another page for other people, on the same kitchen. */
function Counter({ kitchen, board, ...rest }: ScreenProps & { readonly board: Board }) {
  const settings = useSignal(false);
  const look = useLook();
  return (
    <>
      <PickupBoard
        restaurant={board.restaurant.name}
        pickup={kitchen.pickup.value}
        trust={kitchen.trust.value}
        onSettings={() => {
          settings.value = !settings.value;
        }}
      />
      {settings.value && <PanelOf {...rest} kitchen={kitchen} board={board} look={look} open={settings} />}
    </>
  );
}

function Wall(props: ScreenProps & { readonly board: Board }) {
  const { kitchen, touch, board } = props;
  const speech = useSpeech();
  const menuOpen = useSignal(false);
  const look = useLook();
  const choice = kitchen.choice.value;
  const atPass = choice?.purpose === "pass";
  const trust = kitchen.trust.value;
  const unsent = kitchen.hub.outbox.pending.value.length;
  const filter = filterOf(kitchen);
  return (
    <div class={atPass ? `${style.wall} ${style.atPass}` : style.wall} data-trust={trust}>
      <Counted kitchen={kitchen}>
        {(counts) => (
          <Bar
            {...counts}
            station={nameOf(kitchen, board, speech)}
            unsent={unsent}
            trust={trust}
            age_ms={kitchen.age_ms.value ?? 0}
            seq={kitchen.hub.lastSeq.value}
            sound={soundOf(kitchen)}
            checkDue={touch.check.due.value}
            onCheck={() => touch.open("check")}
            onStation={() => {
              menuOpen.value = !menuOpen.value;
            }}
            only={<Filtered {...filter} />}
            onSound={() => (kitchen.sounds.blocked.value ? void kitchen.sounds.unlock() : touch.mute())}
          >
            {menuOpen.value && <PanelOf {...props} look={look} open={menuOpen} />}
          </Bar>
        )}
      </Counted>
      {atPass && <StationsOf kitchen={kitchen} board={board} />}
      <main class={style.floor}>
        <Slots kitchen={kitchen} touch={touch} />
        <RailOf kitchen={kitchen} touch={touch} board={board} />
      </main>
      <Foot kitchen={kitchen} touch={touch} board={board} />
      <Drawers kitchen={kitchen} touch={touch} board={board} />
    </div>
  );
}

interface PanelOfProps extends ScreenProps {
  readonly board: Board;
  readonly look: ReturnType<typeof useLook>;
  readonly open: Signal<boolean>;
}

function PanelOf({ kitchen, touch, board, who, manages, look, open, onLanguage, onSignOut }: PanelOfProps) {
  return (
    <Panel
      stations={board.stations}
      choice={kitchen.choice.value}
      who={who}
      theme={look.theme.value}
      zoom={look.zoom.value}
      onChoose={(next) => kitchen.choose(next)}
      onTheme={(theme) => look.wear(theme)}
      onZoom={(zoom) => look.size(zoom)}
      onLanguage={onLanguage}
      onTestSound={() => kitchen.sounds.play("new")}
      onScreens={
        manages
          ? () => {
              open.value = false;
              touch.open("screens");
            }
          : null
      }
      staff={`/staff/${encodeURIComponent(board.restaurant.slug)}`}
      onSignOut={onSignOut}
      onClose={() => {
        open.value = false;
      }}
    />
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

function StationsOf({ kitchen, board }: { readonly kitchen: Kitchen; readonly board: Board }) {
  return <StationsRow loads={loads(board, kitchen.tickets.value, clock.value)} />;
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
  const done = kitchen.finished.value;
  const from = (order: (typeof done)[number]["order"]) =>
    promisedOf(order, board.restaurant.settings).from_ms;
  return (
    <Rail
      filter={<Filter {...filterOf(kitchen)} />}
      toCook={allDay(kitchen.tickets.value, board.dishes)}
      soldOut={soldOut(kitchen.dishes.value)}
      takeaway={kitchen.takeaway.value}
      waiting={kitchen.waiting.value.length}
      scheduled={kitchen.scheduled.value}
      bumped={done}
      atPass={kitchen.choice.value?.purpose === "pass"}
      pace={pace(done, from)}
      onRecall={(order) => touch.recall(order)}
      onOpen={(drawer) => touch.open(drawer)}
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
    const { args } = pending.command;
    const dish = "item" in args ? board.dishes.get(args.item) : undefined;
    return order ? speech.name(order) : dish ? speech.text(dish.item.name) : speech.words.allStations;
  };
  return (
    <KeyBar
      trust={kitchen.trust.value}
      age_ms={kitchen.age_ms.value ?? 0}
      unsent={outbox.pending.value.length}
      ended={link.value.is === "ended" ? link.value.reason.message : null}
      undone={outbox.undone.value}
      alarms={kitchen.alarms.value}
      hint={touch.hint.value}
      back={kitchen.absence.back.value}
      undo={touch.undoable.value?.order ?? null}
      page={kitchen.layout.page.value}
      pages={namesByPage(kitchen, speech.name.bind(speech))}
      nameOf={nameOf}
      onDismiss={({ pending }) => outbox.dismiss(pending.id)}
      onDismissAlarm={(order) => touch.dismissAlarm(order)}
      onUndo={() => touch.undo()}
      onPage={(page) => touch.turn(page - kitchen.layout.page.value)}
      keys={touch.bar.keys.value}
      onOpen={(drawer) => touch.open(drawer)}
    />
  );
}

function filterOf(kitchen: Kitchen) {
  return {
    only: kitchen.only.value,
    counts: kitchen.counts.value,
    onOnly: (only: Only) => kitchen.showOnly(only),
  };
}

/** What this screen is called: its stations, or its purpose. */
function nameOf(kitchen: Kitchen, board: Board, speech: Speech): string {
  const choice = kitchen.choice.value;
  if (choice && choice.purpose !== "stations") {
    return speech.words[choice.purpose];
  }
  const names = board.stations.filter((station) => choice?.shown?.has(station.id));
  return names.map((station) => speech.text(station.name)).join(" + ") || speech.words.allStations;
}

function namesByPage(
  kitchen: Kitchen,
  name: (order: Board["orders"] extends ReadonlyMap<string, infer O> ? O : never) => string,
): string[][] {
  const size = perPage(kitchen.layout.room.value);
  const pages = Array.from({ length: kitchen.layout.pages.value }, (): string[] => []);
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
  const keys = useRef(new Keys(() => touch.bar.keys.value));
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const action = keys.current.down(event);
      const target = event.target as Element;
      const own =
        target.closest("input, [data-panel]") !== null ||
        (target.closest("button") !== null && /^(Enter| )$/.test(event.key));
      if (action && !own) {
        event.preventDefault();
        const drawer = touch.drawer.value && document.querySelector("[data-drawer]");
        if (!drawer || !drive(drawer, action.do)) {
          touch.bar.act(action);
        }
      }
    };
    const up = (event: KeyboardEvent) => {
      const action = keys.current.up(event);
      if (action) {
        touch.bar.act(action);
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
