// The orders that were sent from this phone, newest first. Takes them, gives taps.

import { useSpeech } from "../../table/speech";
import { Icon } from "../../table/views/icon";
import orderStyle from "../../table/views/order.module.css";
import { Go, Layer, type LayerProps, Round, shellStyle } from "../../table/views/shell";
import type { GuestOrder } from "../../wire/types";
import { useAway } from "../speech";

export interface OrdersViewProps extends Pick<LayerProps, "cut" | "notices"> {
  readonly orders: readonly GuestOrder[];
  readonly unsent: readonly { readonly id: string; readonly total: number }[];
  readonly now: number;
  readonly onOrder: (order: string) => void;
  readonly onMore: () => void;
  readonly onBack: () => void;
}

export function OrdersView({ orders, unsent, now, onOrder, onMore, onBack, ...frame }: OrdersViewProps) {
  const { words, money, name } = useSpeech();
  const { away, when } = useAway();
  return (
    <Layer
      {...frame}
      title={away.order.list}
      under={away.title}
      actions={<Round icon="cross" label={words.cart.toMenu} onPress={onBack} />}
      foot={
        <Go onPress={onMore}>
          <Icon name="plus" />
          {away.order.another}
        </Go>
      }
    >
      <div class={orderStyle.orders}>
        {unsent.map(({ id, total }) => (
          <section class={orderStyle.entry} key={id}>
            <Head title={words.cart.title} total={money.of(total)} onPress={() => onOrder(id)} />
            <p class={orderStyle.who}>
              <Icon name="up" />
              <b>{words.bill.unsent}</b>
            </p>
          </section>
        ))}
        {orders.map((order) => (
          <section class={orderStyle.entry} key={order.id} data-state={order.state}>
            <Head
              title={words.order.number(order.number)}
              total={money.of(order.totals.total)}
              onPress={() => onOrder(order.id)}
            />
            <p class={orderStyle.who}>
              <b>{words.bill.state[order.state]}</b> · {when(order.pickup_at ?? order.placed_at, now)}
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
        ))}
      </div>
      {orders.length + unsent.length === 0 && <p class={shellStyle.empty}>{away.order.none}</p>}
    </Layer>
  );
}

function Head({
  title,
  total,
  onPress,
}: {
  readonly title: string;
  readonly total: string;
  readonly onPress: () => void;
}) {
  return (
    <h2>
      <button type="button" onClick={onPress}>
        {title}
      </button>
      <span class={orderStyle.end}>{total}</span>
      <Icon name="chevron" />
    </h2>
  );
}
