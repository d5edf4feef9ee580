// From the floor's state to its views: which ones are shown, what each gets, and what its taps do. The only
// file that knows both.

import { useEffect, useMemo, useState } from "preact/hooks";
import { Icon, type IconName } from "../table/views/icon";
import { LanguageSheet } from "../table/views/language-sheet";
import { type Cut, NoticeList, Round } from "../table/views/shell";
import { clock, stopwatch } from "../time";
import type { Seating, StationId, TableId } from "../wire/types";
import { LANGUAGES, type Language } from "../words/language";
import type { Accuracy, Floor } from "./floor";
import { billOf, isOpen, ordersAt, pausedUntil } from "./room";
import { type FloorSpeech, useFloorSpeech } from "./speech";
import { freeTables, type Tile } from "./tiles";
import type { Asks } from "./views/asks";
import { CallsView } from "./views/calls-view";
import { DishesView } from "./views/dishes-view";
import { EstimateFact, TakeawayFact } from "./views/facts";
import style from "./views/floor.module.css";
import { InboxSheet } from "./views/inbox-sheet";
import { MessagesSheet } from "./views/messages-sheet";
import { OrderPad } from "./views/order-pad";
import { CloseSheet, MoveSheet } from "./views/table-sheets";
import { TableView } from "./views/table-view";
import { TablesView } from "./views/tables-view";
import { type Tab, Way } from "./where";

/** Older than this, what is shown is not current; beats come every 2 s. */
const CURRENT_MS = 5_000;

export interface ScreensProps {
  readonly floor: Floor;
  readonly who: string;
  /** A manager: may change the menu. */
  readonly manages: boolean;
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
  readonly onSignOut: () => void;
}

interface Common {
  readonly floor: Floor;
  readonly way: Way;
  readonly cut: Cut;
  readonly under: preact.ComponentChildren;
  readonly asks: Parameters<typeof Asks>[0];
  readonly notices: preact.ComponentChildren;
}

export function Screens({ floor, who, manages, language, onLanguage, onSignOut }: ScreensProps) {
  const speech = useFloorSpeech();
  const way = useMemo(() => new Way(), []);
  useEffect(() => () => way.close(), [way]);
  const where = way.now.value;
  const cut = cutOf(floor, speech);
  const common: Common = {
    floor,
    way,
    cut,
    under: <Under floor={floor} who={who} current={cut === null} />,
    asks: asksOf(floor, speech),
    notices: <Refused floor={floor} />,
  };
  const tile =
    where.table === null ? undefined : floor.tiles.value.find(({ table }) => table.id === where.table);
  const actions = (
    <>
      <Bell floor={floor} onPress={() => way.go({ sheet: "inbox" })} />
      <Round icon="globe" label={speech.words.language} onPress={() => way.go({ sheet: "language" })} />
      <Round icon="lock" label={speech.words.signOut} onPress={onSignOut} />
    </>
  );
  const covered = tile !== undefined;
  return (
    <div class={style.page}>
      <div class={style.body}>
        {where.tab === "tables" && (
          <TablesView
            cut={cut}
            covered={covered}
            under={common.under}
            actions={actions}
            notices={!covered && common.notices}
            tiles={floor.tiles.value}
            alarms={{ ...common.asks, asking: common.asks.asking.filter(({ want }) => want.is === "unseen") }}
            onTable={(table) => way.go({ table })}
          />
        )}
        {where.tab === "calls" && <CallsView {...common} />}
        {where.tab === "dishes" && (
          <DishesView
            {...common}
            menu={floor.menu.value}
            onSet={(item, available) => floor.setItem(item, available)}
            facts={<Facts floor={floor} manages={manages} />}
            photos={floor.photos.value}
            onRemovePhoto={(item) => void floor.removePhoto(item)}
            onPhoto={manages ? (item, photo) => void floor.putPhoto(item, photo) : null}
          />
        )}
        {tile && <OneTable {...common} tile={tile} />}
        {where.sheet === "inbox" && (
          <InboxSheet
            notes={floor.inbox.notes.value}
            onOpened={() => void floor.inbox.readAll()}
            onPutAway={(id) => void floor.inbox.putAway(id)}
            onMessages={manages ? () => [way.go({ sheet: "messages" }), void floor.guests.ask()] : null}
            onBack={() => way.back()}
          />
        )}
        {where.sheet === "messages" && manages && floor.room.value && (
          <MessagesSheet
            messages={floor.room.value.restaurant.settings.messages}
            channels={floor.guests.channels.value}
            state={floor.guests.state.value}
            onSet={(messages) => void floor.setMessages(messages)}
            onBack={() => way.back()}
          />
        )}
        {where.sheet === "language" && (
          <LanguageSheet
            languages={Object.keys(LANGUAGES)}
            onPick={(wanted) => [
              onLanguage((wanted in LANGUAGES ? wanted : language) as Language),
              way.back(),
            ]}
            onClose={() => way.back()}
          />
        )}
      </div>
      <Nav now={where.tab} asking={common.asks.asking.length} onTab={(tab) => way.tab(tab)} />
    </div>
  );
}

/** What stands above the dishes: takeaway and, for managers, the estimates. */
function Facts({ floor, manages }: { readonly floor: Floor; readonly manages: boolean }) {
  const [accuracy, setAccuracy] = useState<Accuracy | null>(null);
  useEffect(() => {
    if (manages) void floor.accuracy().then(setAccuracy);
  }, [floor, manages]);
  const room = floor.room.value;
  const paused = room === null ? undefined : pausedUntil(room, clock.value);
  const pending = floor.hub.outbox.pending.value;
  return (
    <>
      {paused !== undefined && (
        <TakeawayFact
          paused_until={paused}
          sending={pending.some(({ command }) => command.name === "takeaway.pause")}
          onPause={(pause) => floor.pauseTakeaway(pause)}
        />
      )}
      <EstimateFact accuracy={accuracy} />
    </>
  );
}

function Bell({ floor, onPress }: { readonly floor: Floor; readonly onPress: () => void }) {
  const { words } = useFloorSpeech();
  const unread = floor.inbox.unread.value;
  return (
    <span class={style.bell}>
      <Round icon="bell" label={words.inbox.bell(unread)} onPress={onPress} />
      {unread > 0 && <b aria-hidden="true">{unread}</b>}
    </span>
  );
}

/** What is wrong with the tie to the server; `null` while nothing is. */
function cutOf(floor: Floor, { words }: FloorSpeech): Cut {
  const age_ms = floor.age_ms.value;
  const link = floor.hub.link.value;
  const following = floor.hub.following.value.has("floor") && floor.room.value !== null;
  if (link.is === "live" && following && age_ms !== null && age_ms <= CURRENT_MS) return null;
  if (floor.room.value === null || age_ms === null) return { title: words.connecting, more: "" };
  const unsent = floor.hub.outbox.pending.value.length;
  const more = unsent > 0 ? words.kept(unsent) : words.reconnecting;
  return { title: words.lost(stopwatch(age_ms)), more };
}

function Under({
  floor,
  who,
  current,
}: {
  readonly floor: Floor;
  readonly who: string;
  readonly current: boolean;
}) {
  const { words } = useFloorSpeech();
  const age_ms = floor.age_ms.value ?? 0;
  return (
    <>
      {current && <span class={style.dot} aria-hidden="true" />}
      {current ? words.live(`${(age_ms / 1_000).toFixed(1)} s`) : words.connecting} · {who}
    </>
  );
}

function asksOf(floor: Floor, { name }: FloorSpeech): Parameters<typeof Asks>[0] {
  const stations = floor.room.value?.stations ?? [];
  return {
    asking: floor.asking.value,
    station: (id: StationId) => name(stations.find((station) => station.id === id)?.name ?? {}),
    onGoing: (seating, reason) => floor.coming(seating, reason),
    onDone: (seating, reason) => floor.done(seating, reason),
    onLetIn: (seating) => floor.release(seating),
    onNobody: (seating) => floor.close(seating, true),
    onServed: (order) => floor.served(order),
    onTold: (order, nth) => floor.toldThem(order, nth),
  };
}

/** What the server did not do, and why, until it was read. */
function Refused({ floor }: { readonly floor: Floor }) {
  const undone = floor.hub.outbox.undone.value;
  const said = undone.map((one) => ({
    key: one.pending.id,
    text: one.is === "refused" ? one.refused.message : one.pending.command.name,
    onDismiss: () => floor.hub.outbox.dismiss(one.pending.id),
  }));
  return <NoticeList notices={said} />;
}

const TABS: readonly {
  readonly tab: Tab;
  readonly icon: IconName;
  readonly word: "floor" | "calls" | "dishes";
}[] = [
  { tab: "tables", icon: "table", word: "floor" },
  { tab: "calls", icon: "bell", word: "calls" },
  { tab: "dishes", icon: "fork", word: "dishes" },
];

function Nav({
  now,
  asking,
  onTab,
}: {
  readonly now: Tab;
  readonly asking: number;
  readonly onTab: (tab: Tab) => void;
}) {
  const { words } = useFloorSpeech();
  return (
    <nav class={style.nav} aria-label={words.floor}>
      {TABS.map(({ tab, icon, word }) => (
        <button
          type="button"
          key={tab}
          aria-current={tab === now ? "page" : undefined}
          onClick={() => onTab(tab)}
        >
          <span>
            <Icon name={icon} />
            {tab === "calls" && asking > 0 && <b>{asking}</b>}
          </span>
          {words[word]}
        </button>
      ))}
    </nav>
  );
}

/** The PIN of a party that needs one. */
function usePin(floor: Floor, seating: Seating | undefined): string | null {
  const [pin, setPin] = useState<string | null>(null);
  const id = seating?.gate === "pin" && !seating.released ? seating.id : null;
  useEffect(() => {
    let late = false;
    setPin(null);
    if (id !== null) void floor.pinOf(id).then((told) => late || setPin(told));
    return () => {
      late = true;
    };
  }, [floor, id]);
  return pin;
}

function OneTable({ floor, way, tile, cut, asks, notices }: Common & { readonly tile: Tile }) {
  const room = floor.room.value;
  const menu = floor.menu.value;
  const where = way.now.value;
  const { table, seating } = tile;
  const pin = usePin(floor, seating);
  if (room === null) return null;
  const orders = ordersAt(room, table.id, seating);
  if (where.ordering && menu !== null) {
    return (
      <OrderPad
        cut={cut}
        table={table.label}
        menu={menu}
        items={floor.items.value}
        onSend={(draft, waiting) => floor.order({ ...draft, table: table.id }, waiting)}
        onPlaced={() => way.back()}
        onBack={() => way.back()}
      />
    );
  }
  return (
    <>
      <TableView
        cut={cut}
        covered={where.sheet !== null}
        notices={notices}
        tile={tile}
        pin={pin}
        orders={orders}
        seen={room.seen}
        asks={{ ...asks, asking: asks.asking.filter((one) => one.table.id === table.id) }}
        onRush={(order, rush) => floor.rush(order, rush)}
        onOpen={() => floor.open(table.id)}
        onOrder={() => way.go({ ordering: true })}
        onMove={() => way.go({ sheet: "move" })}
        onClose={() => way.go({ sheet: "close" })}
        onBack={() => way.back()}
      />
      {seating && where.sheet === "close" && (
        <CloseSheet
          table={table.label}
          unserved={orders.filter((order) => isOpen(order) && !order.held).length}
          bill={billOf(orders)}
          onCloseTable={(force) => [floor.close(seating.id, force), way.back()]}
          onBack={() => way.back()}
        />
      )}
      {seating && where.sheet === "move" && (
        <MoveSheet
          tables={freeTables(room)}
          onMove={(to: TableId) => [floor.move(seating.id, to), way.back()]}
          onBack={() => way.back()}
        />
      )}
    </>
  );
}
