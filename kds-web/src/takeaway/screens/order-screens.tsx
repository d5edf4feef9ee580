// From the errand to its orders: while one waits on this phone, once the server has it, and all of them.

import { useEffect } from "preact/hooks";
import { cancelUntil } from "../../table/follow";
import { find } from "../../table/pad";
import { WaitingScreen } from "../../table/screens/waiting-screen";
import { clock } from "../../time";
import { useAway } from "../speech";
import { OrdersView } from "../views/orders-view";
import { TrackView } from "../views/track-view";
import { type Common, Notices } from "./common";

export function OrderScreen({ errand, menu, cut, id }: Common & { readonly id: string }) {
  const { away } = useAway();
  const kept = find(errand.held.pad.value, id);
  const order = errand.orders.value.all.get(errand.ordering.placed.value.get(id) ?? id);
  const gone = kept === undefined && order === undefined;
  useEffect(() => {
    if (gone) errand.views.replace({ is: "orders" });
  }, [gone, errand]);
  if (kept !== undefined) {
    return (
      <WaitingScreen
        ordering={errand.ordering}
        menu={menu}
        cut={cut}
        id={id}
        notices={<Notices errand={errand} />}
        under={away.title}
        aside={away.order.waitingAside}
        onTryNow={errand.tryNow}
      />
    );
  }
  if (order === undefined) return null;
  const { views, ordering } = errand;
  const mine = order.guest ?? "";
  return (
    <TrackView
      cut={cut}
      notices={<Notices errand={errand} />}
      order={order}
      seen={errand.orders.value.seen.get(order.id) ?? null}
      now={clock.value}
      lostAt={cut === null ? null : errand.lostAt}
      cancelUntil={cancelUntil(order, mine)}
      cancelling={ordering.cancelling.value.get(order.id)}
      others={errand.listed.length > 1}
      onCancel={() => void ordering.cancel(order.id)}
      onAgain={() => ordering.orderAgain(order)}
      onMore={() => views.home()}
      onOrders={() => views.open({ is: "orders" })}
      onBack={() => views.home()}
    />
  );
}

export function OrdersScreen({ errand, cut }: Common) {
  const unsent = errand.held.pad.value.orders.map(({ id, draft }) => ({
    id,
    total: draft.expected_total ?? 0,
  }));
  return (
    <OrdersView
      cut={cut}
      notices={<Notices errand={errand} />}
      orders={errand.listed}
      unsent={unsent}
      now={clock.value}
      onOrder={(order) => errand.views.open({ is: "order", order })}
      onMore={() => errand.views.home()}
      onBack={() => errand.views.home()}
    />
  );
}
