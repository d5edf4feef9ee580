// What the screens of an errand share: what they are given, notices, a fresh look at the times.

import { useEffect } from "preact/hooks";
import type { PricedCart } from "../../table/cart";
import { NoticesOf } from "../../table/screens/notices";
import { useSpeech } from "../../table/speech";
import type { Cut } from "../../table/views/shell";
import type { Menu } from "../../wire/types";
import type { Errand } from "../errand";
import { noticeSaid } from "../say";
import { useAway } from "../speech";

/** What every screen is given. */
export interface Common {
  readonly errand: Errand;
  readonly menu: Menu;
  readonly cart: PricedCart;
  readonly cut: Cut;
}

export function Notices({ errand }: Pick<Common, "errand">) {
  const speech = useSpeech();
  const away = useAway();
  return <NoticesOf ordering={errand.ordering} said={(notice) => noticeSaid(notice, speech, away)} />;
}

/** Looks the times up for what is in the cart, while a view shows them. */
export function useSlots(errand: Errand): void {
  const { cart } = errand.held.pad.value;
  useEffect(() => {
    void errand.lookAtSlots();
  }, [errand, cart.revision]);
}
