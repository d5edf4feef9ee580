// From the visit to the cart, and from its taps to the visit.

import { useEffect } from "preact/hooks";
import { changed } from "../cart";
import { gateOf } from "../say";
import { useSpeech } from "../speech";
import { CartView } from "../views/cart-view";
import { ContactField } from "../views/contact-field";
import { askWays, waysOf } from "../ways";
import { cartTaps } from "./cart-taps";
import { type Common, labelOf, Notices } from "./common";

export function CartScreen({ visit, place, menu, cart, cut }: Common) {
  const { words } = useSpeech();
  const { note, allergy, asked_total, reach } = visit.held.pad.value.cart;
  useEffect(() => void askWays(), []);
  return (
    <CartView
      cut={cut}
      notices={<Notices visit={visit} />}
      under={words.table(labelOf(place))}
      cart={cart}
      note={note}
      allergy={allergy}
      askedTotal={asked_total}
      charges={menu.restaurant.settings.charges}
      gate={gateOf(visit, place)}
      canSend={!place.closed}
      {...cartTaps(visit.ordering, cart)}
      more={
        <ContactField
          reach={reach ?? null}
          ways={waysOf(menu.restaurant.settings)}
          onReach={(reach) => visit.ordering.changeCart((held, now) => changed(held, { reach }, now))}
        />
      }
      onSend={() => void visit.send()}
    />
  );
}
