// One table: what it wants, its orders line by line, its bill, and what a waiter does with the party.
// Takes the table's state, gives taps.

import { Icon } from "../../table/views/icon";
import { Go, Layer, type LayerProps, Round, Small, Soft, shellStyle } from "../../table/views/shell";
import { clock } from "../../time";
import type { Line, Order, OrderId, Timestamp } from "../../wire/types";
import { billOf } from "../room";
import { type FloorSpeech, useFloorSpeech } from "../speech";
import type { Tile } from "../tiles";
import { Asks } from "./asks";
import style from "./floor.module.css";

export interface TableViewProps extends Pick<LayerProps, "cut" | "covered" | "notices"> {
  readonly tile: Tile;
  readonly orders: readonly Order[];
  readonly seen: ReadonlyMap<OrderId, Timestamp>;
  readonly asks: Parameters<typeof Asks>[0];
  /** What the party's phones have to give before they order; `null` when they need none. */
  readonly pin: string | null;
  readonly onRush: (order: OrderId, rush: boolean) => void;
  readonly onOpen: () => void;
  readonly onOrder: () => void;
  readonly onMove: () => void;
  readonly onClose: () => void;
  readonly onBack: () => void;
}

export function TableView({ tile, orders, seen, asks, pin, ...rest }: TableViewProps) {
  const { words, money, time } = useFloorSpeech();
  const { table, seating } = tile;
  const under = seating
    ? `${words.guests(seating.guests.length)} · ${words.since(time(seating.opened_at))}`
    : `${table.area === "" ? "" : `${table.area} · `}${words.seats(table.seats)}`;
  return (
    <Layer
      cut={rest.cut}
      covered={rest.covered ?? false}
      notices={rest.notices}
      title={table.label}
      under={under}
      actions={<Round icon="cross" label={words.back} onPress={rest.onBack} />}
      foot={<Foot {...rest} seated={seating !== undefined} />}
    >
      {pin !== null && (
        <p class={style.pin}>
          <Icon name="lock" />
          {words.pin} <b>{pin}</b>
        </p>
      )}
      <Asks {...asks} here />
      {[...orders].reverse().map((order) => (
        <OrderCard
          key={order.id}
          order={order}
          seen={seen.get(order.id) ?? null}
          tile={tile}
          onRush={rest.onRush}
        />
      ))}
      {orders.length === 0 && <p class={shellStyle.empty}>{words.nothingOrdered}</p>}
      {orders.length > 0 && (
        <dl class={shellStyle.sum}>
          <dt class={shellStyle.all}>{words.bill}</dt>
          <dd class={shellStyle.all}>{money.of(billOf(orders))}</dd>
        </dl>
      )}
    </Layer>
  );
}

function Foot({
  seated,
  onOpen,
  onOrder,
  onMove,
  onClose,
}: Pick<TableViewProps, "onOpen" | "onOrder" | "onMove" | "onClose"> & { readonly seated: boolean }) {
  const { words } = useFloorSpeech();
  if (!seated) return <Go onPress={onOpen}>{words.openTable}</Go>;
  return (
    <>
      <Soft onPress={onMove}>{words.move}</Soft>
      <Soft onPress={onClose}>{words.close}</Soft>
      <Go onPress={onOrder}>
        <Icon name="plus" />
        {words.newOrder}
      </Go>
    </>
  );
}

interface OrderCardProps {
  readonly order: Order;
  readonly seen: Timestamp | null;
  readonly tile: Tile;
  readonly onRush: (order: OrderId, rush: boolean) => void;
}

function OrderCard({ order, seen, tile, onRush }: OrderCardProps) {
  const { words, money } = useFloorSpeech();
  const minutes = Math.floor((clock.value - Date.parse(order.placed_at)) / 60_000);
  const cooking =
    !order.held && (order.state === "pending" || order.state === "confirmed" || order.state === "preparing");
  return (
    <section class={style.order} data-state={order.state}>
      <h2>
        {words.orderNumber(order.number)}
        <span>
          {words.minutesAgo(minutes)} · {whoOf(order, tile, words)}
        </span>
        <b>{money.of(order.totals.total)}</b>
      </h2>
      {order.allergy !== null && <Allergy order={order} />}
      <ul>
        {order.lines.map((line) => (
          <LineRow key={line.id} order={order} line={line} />
        ))}
      </ul>
      {order.note !== null && <p class={style.fact}>{order.note}</p>}
      {cooking && <Receipt seen={seen} />}
      {cooking && (
        <div class={style.do}>
          <Small onPress={() => onRush(order.id, !order.rush)}>
            <Icon name="rush" />
            {order.rush ? words.notRush : words.rush}
          </Small>
        </div>
      )}
    </section>
  );
}

function whoOf(order: Order, { seating }: Tile, words: FloorSpeech["words"]): string {
  if (order.placed_by.kind === "staff") return order.placed_by.name;
  const guest = seating?.guests.find(({ id }) => id === order.guest);
  return guest ? words.byGuest(guest.number) : "";
}

function Allergy({ order }: { readonly order: Order }) {
  const { words, time } = useFloorSpeech();
  const at = order.allergy_confirmed_at;
  return (
    <p class={`${style.fact} ${style.allergy}`}>
      <Icon name={at === null ? "shield" : "shield-tick"} />
      <span>
        {words.allergy(order.allergy ?? "")}.{" "}
        {at === null ? words.allergyWaits : words.allergyConfirmed(time(at))}
      </span>
    </p>
  );
}

function Receipt({ seen }: { readonly seen: Timestamp | null }) {
  const { words, time } = useFloorSpeech();
  return (
    <p class={style.fact}>
      <Icon name={seen === null ? "clock" : "tick"} />
      {seen === null ? words.kitchenHasNot : `${words.kitchenHasIt}, ${time(seen)}`}
    </p>
  );
}

function LineRow({ order, line }: { readonly order: Order; readonly line: Line }) {
  const { words, name } = useFloorSpeech();
  const state = stateOf(order, line);
  const more = [line.options.map((option) => name(option.name)).join(", "), line.note && `“${line.note}”`];
  return (
    <li>
      <b>{line.quantity}</b>
      <div>
        <p class={style.dish} dir="auto">
          {name(line.name)}
        </p>
        {more.filter(Boolean).map((text) => (
          <p class={style.more} dir="auto" key={text}>
            {text}
          </p>
        ))}
      </div>
      <span class={style.state} data-state={state}>
        {words.line[state]}
      </span>
    </li>
  );
}

function stateOf(order: Order, line: Line): keyof FloorSpeech["words"]["line"] {
  const tasks = line.tasks.filter((task) => task.state !== "voided");
  if (line.void_reason !== null || order.state === "cancelled") return "voided";
  if (order.state === "completed") return "served";
  if (order.held) return "held";
  if (order.state === "ready" || (tasks.length > 0 && tasks.every((task) => task.state === "done")))
    return "done";
  return tasks.some((task) => task.state !== "queued") ? "started" : "queued";
}
