// The table's tab: every order of the party, who sent it, how far it is, and the running bill. Also what
// stays on the phone when the table is closed. Takes the tab, gives taps.

import type { ComponentChildren } from "preact";
import type { GuestId, GuestOrder } from "../../wire/types";
import { useSpeech } from "../speech";
import { billOf, guestOf, ordersOf, type Tab } from "../tab";
import { Icon } from "./icon";
import style from "./order.module.css";
import { Go, Layer, type LayerProps, Round, shellStyle } from "./shell";

interface OrdersProps {
  readonly tab: Tab;
  readonly me: GuestId;
  readonly onOrder?: (order: string) => void;
}

export interface BillViewProps extends OrdersProps, Pick<LayerProps, "cut" | "notices"> {
  readonly table: string;
  /** Orders of this phone that are not sent yet. */
  readonly unsent: readonly { readonly id: string; readonly total: number }[];
  readonly onOrder: (order: string) => void;
  readonly onMore: () => void;
  readonly onBack: () => void;
}

export function BillView({ tab, me, table, unsent, onOrder, onMore, onBack, ...frame }: BillViewProps) {
  const { words, money } = useSpeech();
  const orders = ordersOf(tab);
  const foot = (
    <Go onPress={onMore}>
      <Icon name="plus" />
      {words.order.more}
    </Go>
  );
  return (
    <Layer
      {...frame}
      title={words.bill.title}
      under={words.table(table)}
      actions={<Round icon="cross" label={words.cart.toMenu} onPress={onBack} />}
      foot={foot}
    >
      <div class={style.orders}>
        {unsent.map(({ id, total }) => (
          <section class={style.entry} key={id}>
            <Head title={words.cart.title} total={money.of(total)} onPress={() => onOrder(id)} />
            <p class={style.who}>
              <Icon name="up" />
              <b>{words.bill.unsent}</b>
            </p>
          </section>
        ))}
        <Orders tab={tab} me={me} onOrder={onOrder} />
      </div>
      {orders.length === 0 && unsent.length === 0 && (
        <p class={shellStyle.empty}>{tab.heard ? words.bill.none : words.bill.reaching}</p>
      )}
      {orders.length > 0 && <Sum title={words.bill.open} tab={tab} />}
      {orders.length > 0 && <p class={shellStyle.aside}>{words.bill.pay}</p>}
    </Layer>
  );
}

function Orders({ tab, me, onOrder }: OrdersProps) {
  return ordersOf(tab).map((order) => (
    <OrderEntry key={order.id} order={order} who={whoOf(tab, order, me)} onOrder={onOrder} />
  ));
}

/** `null`: staff; otherwise the phone's number, or "me". */
function whoOf(tab: Tab, order: GuestOrder, me: GuestId): "me" | number | null {
  if (order.guest === me) return "me";
  return guestOf(tab, order.guest)?.number ?? null;
}

interface EntryProps {
  readonly order: GuestOrder;
  readonly who: "me" | number | null;
  readonly onOrder?: ((order: string) => void) | undefined;
}

function OrderEntry({ order, who, onOrder }: EntryProps) {
  const { words, money, name } = useSpeech();
  const by = who === "me" ? words.bill.you : who === null ? words.bill.staff : words.bill.guest(who);
  return (
    <section class={style.entry} data-state={order.state}>
      <Head
        title={words.order.number(order.number)}
        total={money.of(order.totals.total)}
        onPress={onOrder && (() => onOrder(order.id))}
      />
      <p class={style.who}>
        <b>{by}</b> · {words.bill.state[order.held ? "held" : order.state]}
      </p>
      <ul>
        {order.lines
          .filter((line) => line.state !== "voided")
          .map((line) => (
            <li key={line.id}>
              <b>{line.quantity}</b>
              <span dir="auto">{name(line.name)}</span>
            </li>
          ))}
      </ul>
    </section>
  );
}

function Head({
  title,
  total,
  onPress,
}: {
  readonly title: string;
  readonly total: string;
  readonly onPress: (() => void) | undefined;
}) {
  return (
    <h2>
      {onPress === undefined ? (
        <span>{title}</span>
      ) : (
        <button type="button" onClick={onPress}>
          {title}
        </button>
      )}
      <span class={style.end}>{total}</span>
      {onPress !== undefined && <Icon name="chevron" />}
    </h2>
  );
}

function Sum({ title, tab }: { readonly title: string; readonly tab: Tab }) {
  const { money } = useSpeech();
  return (
    <dl class={shellStyle.sum}>
      <dt class={shellStyle.all}>{title}</dt>
      <dd class={shellStyle.all}>{money.of(billOf(tab))}</dd>
    </dl>
  );
}

export interface ClosedViewProps
  extends Omit<OrdersProps, "onOrder">,
    Pick<LayerProps, "notices" | "actions"> {
  readonly restaurant: string;
  readonly table: string;
  /** Asking the server for a new place. */
  readonly busy: string | null;
  readonly children?: ComponentChildren;
  readonly onAgain: () => void;
}

/** The seating has ended; the bill stays. */
export function ClosedView({ tab, me, restaurant, table, busy, notices, actions, onAgain }: ClosedViewProps) {
  const { words } = useSpeech();
  return (
    <Layer
      cut={null}
      title={restaurant}
      under={words.table(table)}
      actions={actions}
      notices={notices}
      foot={
        <Go disabled={busy !== null} onPress={onAgain}>
          {busy ?? words.closed.again}
        </Go>
      }
    >
      <div class={style.received} role="status">
        <span class={style.seal}>
          <Icon name="bill" />
        </span>
        <h2>{words.closed.title}</h2>
        <p>{words.closed.more}</p>
      </div>
      <div class={style.orders}>
        <Orders tab={tab} me={me} />
      </div>
      {tab.orders.size > 0 && <Sum title={words.bill.final} tab={tab} />}
    </Layer>
  );
}
