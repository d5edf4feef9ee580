// From the errand to its orders: while one waits on this phone, once the server has it, and all of them.

import { useEffect } from "preact/hooks";
import { priced } from "../../table/cart";
import { cancelUntil } from "../../table/follow";
import { find } from "../../table/pad";
import { WaitingView } from "../../table/views/waiting-view";
import { clock } from "../../time";
import { useAway } from "../speech";
import { OrdersView } from "../views/orders-view";
import { TrackView } from "../views/track-view";
import { type Common, Notices } from "./common";

export function OrderScreen(props: Common & { readonly id: string }) {
  const { errand, cut, id } = props;
  const kept = find(errand.held.pad.value, id);
  const order = errand.orders.value.all.get(errand.placed.value.get(id) ?? id);
  const gone = kept === undefined && order === undefined;
  useEffect(() => {
    if (gone) errand.views.replace({ is: "orders" });
  }, [gone, errand]);
  if (kept !== undefined) return <WaitingScreen {...props} />;
  if (order === undefined) return null;
  const { views } = errand;
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
      cancelling={errand.cancelling.value.get(order.id)}
      others={errand.listed.length > 1}
      onCancel={() => void errand.cancel(order.id)}
      onAgain={() => errand.orderAgain(order)}
      onMore={() => views.home()}
      onOrders={() => views.open({ is: "orders" })}
      onBack={() => views.home()}
    />
  );
}

function WaitingScreen({ errand, menu, cut, id }: Common & { readonly id: string }) {
  const { away } = useAway();
  const order = find(errand.held.pad.value, id);
  clock.value;
  if (order === undefined) return null;
  const { lines, note, allergy } = order;
  const shown = priced(
    { ...errand.held.pad.value.cart, lines, note, allergy },
    menu,
    errand.menu.items.value,
  );
  return (
    <WaitingView
      cut={cut}
      notices={<Notices errand={errand} />}
      order={order}
      lines={shown.lines}
      under={away.title}
      aside={away.order.waitingAside}
      now={Date.now()}
      trying={(order.lease?.until ?? 0) > Date.now() || (order.tries === 0 && cut === null)}
      onTakeBack={() => void errand.takeBack(id)}
      onTryNow={errand.tryNow}
      onBack={() => errand.views.home()}
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
