// From the visit to the cart, and from its taps to the visit.

import { useEffect } from "preact/hooks";
import { changed, removed, withQuantity } from "../cart";
import { gateOf } from "../say";
import { useSpeech } from "../speech";
import { CartView } from "../views/cart-view";
import { ContactField } from "../views/contact-field";
import { askWays, waysOf } from "../ways";
import { type Common, labelOf, Notices } from "./common";

export function CartScreen({ visit, place, menu, cart, cut }: Common) {
  const { words } = useSpeech();
  const { views } = visit;
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
      onLine={(key) => {
        const line = cart.lines.find(({ line }) => line.key === key);
        if (line?.item) views.open({ is: "item", item: line.item.id, line: key });
      }}
      onQuantity={(key, quantity) => visit.changeCart((held, now) => withQuantity(held, key, quantity, now))}
      onRemove={(keys) =>
        visit.changeCart((held, now) => keys.reduce((left, key) => removed(left, key, now), held))
      }
      onAnother={() => views.home()}
      more={
        <ContactField
          reach={reach ?? null}
          ways={waysOf(menu.restaurant.settings)}
          onReach={(reach) => visit.changeCart((held, now) => changed(held, { reach }, now))}
        />
      }
      onNote={(note) => visit.changeCart((held, now) => changed(held, { note }, now))}
      onAllergy={(allergy) => visit.changeCart((held, now) => changed(held, { allergy }, now))}
      onSend={() => void visit.send()}
      onClose={() => views.home()}
    />
  );
}
