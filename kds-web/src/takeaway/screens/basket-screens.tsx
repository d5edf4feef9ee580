// From the errand to what stands before an order: the cart, the time, the number; and from their taps to the errand.

import { useEffect, useState } from "preact/hooks";
import { changed } from "../../table/cart";
import { cartTaps } from "../../table/screens/cart-taps";
import { CartView } from "../../table/views/cart-view";
import { askWays, waysOf } from "../../table/ways";
import { daysOf, type Pickup, pickupOf, standingOf } from "../slots";
import { useAway } from "../speech";
import { PhoneFact, PickupFact } from "../views/facts";
import { PhoneView } from "../views/phone-view";
import { PickupView } from "../views/pickup-view";
import { type Common, Notices, useSlots } from "./common";

export function BasketScreen({ errand, menu, cart, cut }: Common) {
  useSlots(errand);
  const { away } = useAway();
  const { views } = errand;
  const { note, allergy, asked_total, pickup: wish } = errand.held.pad.value.cart;
  const list = errand.slots.value;
  const pickup = pickupOf(wish, list);
  const verified = errand.phone.verified.value;
  const toPickup = () => views.open({ is: "pickup" });
  const toPhone = () => [errand.phone.change(), views.open({ is: "phone" })];
  const missing =
    pickup === undefined
      ? { label: away.pickup.choose, onPress: toPickup }
      : verified === null
        ? { label: away.phone.verify, onPress: toPhone }
        : null;
  return (
    <CartView
      cut={cut}
      notices={<Notices errand={errand} />}
      under={away.title}
      cart={cart}
      note={note}
      allergy={allergy}
      askedTotal={asked_total}
      charges={menu.restaurant.settings.charges}
      gate={null}
      canSend={list !== null || verified !== null}
      first={missing}
      {...cartTaps(errand.ordering, cart)}
      lead={
        <PickupFact
          pickup={pickup}
          soonest={list?.soonest ?? null}
          gone={typeof wish === "string"}
          onPickup={toPickup}
        />
      }
      more={verified !== null && <PhoneFact phone={verified.phone} onPhone={toPhone} />}
      onSend={() => void errand.send()}
    />
  );
}

export function PickupScreen({ errand, menu, cut }: Common) {
  useSlots(errand);
  const { views } = errand;
  const list = errand.slots.value;
  const kept = pickupOf(errand.held.pad.value.cart.pickup, list);
  const [picked, setPicked] = useState<Pickup>(kept);
  // What was picked here may be taken while the guest thinks.
  const pickup = picked === undefined ? undefined : pickupOf(picked, list);
  return (
    <PickupView
      cut={cut}
      notices={<Notices errand={errand} />}
      standing={standingOf(list)}
      days={list === null ? [] : daysOf(list, menu.restaurant.timezone)}
      soonest={list?.soonest ?? null}
      pickup={pickup}
      onPickup={setPicked}
      onDone={() => {
        errand.ordering.changeCart((held, now) => changed(held, { pickup }, now));
        views.back();
      }}
      onBack={() => views.back()}
    />
  );
}

export function PhoneScreen({ errand, menu, cut }: Common) {
  useEffect(() => void askWays(), []);
  return (
    <PhoneView
      cut={cut}
      notices={<Notices errand={errand} />}
      asking={errand.phone.asking.value}
      verified={errand.phone.verified.value?.phone ?? null}
      ways={waysOf(menu.restaurant.settings)}
      onAsk={(reach) => void errand.askCode(reach)}
      onCode={(typed) => void errand.giveCode(typed)}
      onOther={() => errand.phone.change()}
      onForget={() => errand.forget()}
      onBack={() => errand.views.back()}
    />
  );
}
