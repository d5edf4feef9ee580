// From the pad to an order that waits on this phone, at a table or without one.

import { clock } from "../../time";
import type { Menu } from "../../wire/types";
import { priced } from "../cart";
import type { Ordering } from "../ordering";
import { find } from "../pad";
import { WaitingView, type WaitingViewProps } from "../views/waiting-view";

interface WaitingScreenProps
  extends Pick<WaitingViewProps, "cut" | "notices" | "under" | "aside" | "onTryNow"> {
  readonly ordering: Ordering;
  readonly menu: Menu;
  readonly id: string;
}

export function WaitingScreen({ ordering, menu, id, ...said }: WaitingScreenProps) {
  const { cart } = ordering.held.pad.value;
  const order = find(ordering.held.pad.value, id);
  clock.value;
  if (order === undefined) return null;
  const { lines, note, allergy } = order;
  const shown = priced({ ...cart, lines, note, allergy }, menu, ordering.menu.items.value);
  return (
    <WaitingView
      {...said}
      order={order}
      lines={shown.lines}
      now={Date.now()}
      trying={(order.lease?.until ?? 0) > Date.now() || (order.tries === 0 && said.cut === null)}
      onTakeBack={() => void ordering.takeBack(id)}
      onBack={() => ordering.views.home()}
    />
  );
}
