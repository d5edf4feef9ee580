// An order in a list: its number and sum, how it stands, what is in it; and one that is not sent yet. Shared by the
// table's bill and the list without a table.

import type { ComponentChildren } from "preact";
import type { GuestOrder } from "../../wire/types";
import { useSpeech } from "../speech";
import { Icon } from "./icon";
import style from "./order.module.css";

/** Of an order that waits on this phone. */
export interface Unsent {
  readonly id: string;
  readonly total: number;
}

interface UnsentEntryProps {
  readonly order: Unsent;
  readonly onOrder: (order: string) => void;
}

export function UnsentEntry({ order, onOrder }: UnsentEntryProps) {
  const { words, money } = useSpeech();
  return (
    <section class={style.entry}>
      <Head title={words.cart.title} total={money.of(order.total)} onPress={() => onOrder(order.id)} />
      <p class={style.who}>
        <Icon name="up" />
        <b>{words.bill.unsent}</b>
      </p>
    </section>
  );
}

interface OrderEntryProps {
  readonly order: GuestOrder;
  /** Under its number: whose it is, how far, when. */
  readonly children: ComponentChildren;
  /** Not given: there is nothing more to see of it. */
  readonly onOrder?: ((order: string) => void) | undefined;
}

export function OrderEntry({ order, children, onOrder }: OrderEntryProps) {
  const { words, money, name } = useSpeech();
  return (
    <section class={style.entry} data-state={order.state}>
      <Head
        title={words.order.number(order.number)}
        total={money.of(order.totals.total)}
        onPress={onOrder && (() => onOrder(order.id))}
      />
      <p class={style.who}>{children}</p>
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

interface HeadProps {
  readonly title: string;
  readonly total: string;
  readonly onPress: (() => void) | undefined;
}

function Head({ title, total, onPress }: HeadProps) {
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
