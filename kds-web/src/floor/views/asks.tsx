// Cards of what wants a waiter: an order that no screen has shown, a first order at the gate, a call, dishes
// to serve. Takes the wants, gives what was answered.

import { Icon, type IconName } from "../../table/views/icon";
import { Small } from "../../table/views/shell";
import { clock, stopwatch } from "../../time";
import type { CallReason, Order, OrderId, SeatingId, StationId } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import { type Asking, keyOf, type Want } from "../tiles";
import style from "./floor.module.css";

export interface AskActions {
  readonly onGoing: (seating: SeatingId, reason: CallReason) => void;
  readonly onDone: (seating: SeatingId, reason: CallReason) => void;
  readonly onLetIn: (seating: SeatingId) => void;
  readonly onNobody: (seating: SeatingId) => void;
  readonly onServed: (order: OrderId) => void;
  readonly onTold: (order: OrderId, nth: number) => void;
}

interface AsksProps extends AskActions {
  readonly asking: readonly Asking[];
  readonly station: (id: StationId) => string;
  /** Of one table's page, which says the table's name itself. */
  readonly here?: boolean;
}

export const WANT_ICON: Readonly<Record<Want["is"], IconName>> = {
  unseen: "screen",
  gate: "hand",
  call: "bell",
  ready: "tick",
};

export function Asks({ asking, station, here = false, ...actions }: AsksProps) {
  return asking.map((one) => (
    <section class={style.ask} data-want={one.want.is} key={keyOf(one)} aria-label={one.table.label}>
      <Head asking={one} here={here} station={station} />
      <What asking={one} here={here} {...actions} />
    </section>
  ));
}

function Head({
  asking,
  here,
  station,
}: {
  readonly asking: Asking;
  readonly here: boolean;
  readonly station: (id: StationId) => string;
}) {
  const { words, list } = useFloorSpeech();
  const { table, seating, want } = asking;
  const title =
    want.is === "unseen"
      ? words.unseen(table.label, list(want.unseen.stations.map(station)))
      : here
        ? titleOf(want, words)
        : table.label;
  return (
    <h3>
      <Icon name={WANT_ICON[want.is]} />
      {title}
      {!here && want.is !== "unseen" && seating && <span>{words.guests(seating.guests.length)}</span>}
      <time>{stopwatch(clock.value - want.since)}</time>
    </h3>
  );
}

function titleOf(want: Want, words: ReturnType<typeof useFloorSpeech>["words"]): string {
  switch (want.is) {
    case "call":
      return words.reason[want.call.reason];
    case "gate":
      return words.doing.held;
    case "ready":
      return words.toServe;
    case "unseen":
      return words.noTable;
  }
}

function What({
  asking: { seating, want },
  here,
  ...actions
}: AskActions & { readonly asking: Asking; readonly here: boolean }) {
  const { words, time } = useFloorSpeech();
  const { onGoing, onDone, onServed, onTold } = actions;
  switch (want.is) {
    case "unseen":
      return (
        <>
          <p>{words.unseenMore(want.unseen.number)}</p>
          <div class={style.do}>
            <Small onPress={() => onTold(want.unseen.order, want.unseen.nth)}>{words.toldThem}</Small>
          </div>
        </>
      );
    case "gate":
      return seating ? <Gate seating={seating.id} orders={want.orders} {...actions} /> : null;
    case "call": {
      const { reason, coming_at } = want.call;
      return (
        <>
          <p>
            {[here ? "" : words.reason[reason], coming_at === null ? "" : words.somebodyGoes(time(coming_at))]
              .filter(Boolean)
              .join(". ")}
          </p>
          {seating && (
            <div class={style.do}>
              {coming_at === null && (
                <Small pick onPress={() => onGoing(seating.id, reason)}>
                  {words.going}
                </Small>
              )}
              <Small onPress={() => onDone(seating.id, reason)}>{words.done}</Small>
            </div>
          )}
        </>
      );
    }
    case "ready":
      return (
        <>
          <p>{want.orders.map((order) => words.orderNumber(order.number)).join(", ")}</p>
          <div class={style.do}>
            <Small pick onPress={() => want.orders.map((order) => onServed(order.id))}>
              <Icon name="tick" />
              {words.served}
            </Small>
          </div>
        </>
      );
  }
}

function Gate({
  seating,
  orders,
  onLetIn,
  onNobody,
}: Pick<AskActions, "onLetIn" | "onNobody"> & {
  readonly seating: SeatingId;
  readonly orders: readonly Order[];
}) {
  const { words, money, name } = useFloorSpeech();
  const lines = orders.flatMap((order) => order.lines.map((line) => `${line.quantity} ${name(line.name)}`));
  const total = orders.reduce((sum, order) => sum + order.totals.total, 0);
  return (
    <>
      <p>
        {lines.join(", ")} · {money.of(total)}
      </p>
      <p>{words.firstOrder}</p>
      <div class={style.do}>
        <Small pick onPress={() => onLetIn(seating)}>
          <Icon name="tick" />
          {words.letIn}
        </Small>
        <Small onPress={() => onNobody(seating)}>{words.nobodySits}</Small>
      </div>
    </>
  );
}
