// The orders that were sent from this phone, newest first. Takes them, gives taps.

import { useSpeech } from "../../table/speech";
import { Icon } from "../../table/views/icon";
import orderStyle from "../../table/views/order.module.css";
import { OrderEntry, type Unsent, UnsentEntry } from "../../table/views/order-entry";
import { Go, Layer, type LayerProps, Round, shellStyle } from "../../table/views/shell";
import type { GuestOrder } from "../../wire/types";
import { useAway } from "../speech";

export interface OrdersViewProps extends Pick<LayerProps, "cut" | "notices"> {
  readonly orders: readonly GuestOrder[];
  readonly unsent: readonly Unsent[];
  readonly now: number;
  readonly onOrder: (order: string) => void;
  readonly onMore: () => void;
  readonly onBack: () => void;
}

export function OrdersView({ orders, unsent, now, onOrder, onMore, onBack, ...frame }: OrdersViewProps) {
  const { words } = useSpeech();
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
        {unsent.map((order) => (
          <UnsentEntry key={order.id} order={order} onOrder={onOrder} />
        ))}
        {orders.map((order) => (
          <OrderEntry key={order.id} order={order} onOrder={onOrder}>
            <b>{words.bill.state[order.state]}</b> · {when(order.pickup_at ?? order.placed_at, now)}
          </OrderEntry>
        ))}
      </div>
      {orders.length + unsent.length === 0 && <p class={shellStyle.empty}>{away.order.none}</p>}
    </Layer>
  );
}
