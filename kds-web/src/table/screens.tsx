// From the visit's state to the views: which ones are shown; what each gets and what its taps do is in `screens/`.
// The menu stays in place below all others, so that coming back to it finds the same dish under the thumb. What comes
// after menu and cart is loaded once those can be used.

import { useState } from "preact/hooks";
import { laterPart } from "../later";
import type { Menu, OrderId } from "../wire/types";
import { priced } from "./cart";
import type { Place } from "./keeping";
import { offered } from "./language";
import { cutOf } from "./say";
import { CartScreen } from "./screens/cart-screen";
import { type Common, labelOf, Notices } from "./screens/common";
import { ItemScreen, MenuScreen, WishScreen } from "./screens/menu-screens";
import { useSpeech } from "./speech";
import { isSheet } from "./stack";
import { ArrivalView } from "./views/arrival-view";
import { LanguageSheet } from "./views/language-sheet";
import type { Visit } from "./visit";

const useLater = laterPart(() => import("./later"));

interface ScreensProps {
  readonly visit: Visit;
  readonly onLanguage: (language: string) => void;
}

export function Screens({ visit, onLanguage }: ScreensProps) {
  const place = visit.place.value;
  const menu = visit.menu.menu.value;
  const arrival = visit.door.arrival.value;
  if (place?.closed && arrival.is !== "refused")
    return <ClosedScreen visit={visit} place={place} menu={menu} />;
  if (place === null || menu === null || arrival.is === "refused") {
    const waits = place !== null && arrival.is === "here" && visit.menu.failing.value;
    const shown = waits ? ({ is: "waiting", for: "connection", until: 0 } as const) : arrival;
    return <ArrivalView arrival={shown} onTryNow={visit.tryNow} onScanAgain={() => visit.beginAgain()} />;
  }
  return <Table visit={visit} place={place} menu={menu} onLanguage={onLanguage} />;
}

function ClosedScreen({
  visit,
  place,
  menu,
}: {
  readonly visit: Visit;
  readonly place: Place;
  readonly menu: Menu | null;
}) {
  const { words } = useSpeech();
  const later = useLater(true);
  const arrival = visit.door.arrival.value;
  if (later === null) return <Opening visit={visit} />;
  const { ClosedView, ReceiptView } = later;
  if (visit.views.stack.value.at(-1)?.is === "receipt" && menu !== null) {
    const back = () => visit.views.back();
    return <ReceiptView tab={place.tab} restaurant={menu.restaurant} cut={null} onBack={back} />;
  }
  const busy =
    arrival.is === "opening"
      ? words.arrival.opening
      : arrival.is === "waiting"
        ? words.arrival[arrival.for]
        : null;
  return (
    <ClosedView
      tab={place.tab}
      me={place.scanned.guest}
      restaurant={menu?.restaurant.name ?? ""}
      table={labelOf(place)}
      busy={busy}
      notices={<Notices visit={visit} />}
      onReceipt={() => visit.views.open({ is: "receipt" })}
      onAgain={() => visit.beginAgain()}
    />
  );
}

function Opening({ visit }: { readonly visit: Visit }) {
  const again = () => visit.beginAgain();
  return <ArrivalView arrival={{ is: "opening" }} onTryNow={visit.tryNow} onScanAgain={again} />;
}

interface TableProps {
  readonly visit: Visit;
  readonly place: Place;
  readonly menu: Menu;
  readonly onLanguage: (language: string) => void;
}

function Table({ visit, place, menu, onLanguage }: TableProps) {
  const speech = useSpeech();
  const [followed, setFollowed] = useState<ReadonlySet<OrderId>>(new Set());
  const stack = visit.views.stack.value;
  const layer = stack.findLast((view) => !isSheet(view)) ?? { is: "menu" };
  const sheet = stack.at(-1);
  const cart = priced(visit.held.pad.value.cart, menu, visit.menu.items.value);
  const common: Common = { visit, place, menu, cart, cut: cutOf(visit, speech) };
  const follow = (order: OrderId) => setFollowed(new Set(followed).add(order));
  const beyond = layer.is !== "menu" && layer.is !== "cart";
  const later = useLater(beyond || sheet?.is === "call" || cart.lines.length > 0);
  return (
    <>
      <MenuScreen {...common} covered={layer.is !== "menu"} />
      {layer.is === "cart" && <CartScreen {...common} />}
      {beyond && later === null && <Opening visit={visit} />}
      {layer.is === "order" && later !== null && (
        <later.OrderScreen {...common} id={layer.order} followed={followed} onFollow={follow} />
      )}
      {layer.is === "bill" && later !== null && <later.BillScreen {...common} />}
      {layer.is === "receipt" && later !== null && (
        <later.ReceiptView
          tab={place.tab}
          restaurant={menu.restaurant}
          cut={common.cut}
          onBack={() => visit.views.back()}
        />
      )}
      {sheet?.is === "call" && later !== null && <later.CallScreen {...common} />}
      {sheet?.is === "wish" && <WishScreen ordering={visit.ordering} menu={menu} />}
      {sheet?.is === "item" && (
        <ItemScreen key={`${sheet.item}/${sheet.line}`} ordering={visit.ordering} menu={menu} view={sheet} />
      )}
      {sheet?.is === "language" && (
        <LanguageSheet
          languages={offered(menu.restaurant.locales)}
          onPick={(language) => [onLanguage(language), visit.views.back()]}
          onClose={() => visit.views.back()}
        />
      )}
    </>
  );
}
