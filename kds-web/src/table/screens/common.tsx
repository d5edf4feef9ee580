// What the screens at the table share: where it is, what they are given, notices, the bell.

import { clock } from "../../time";
import type { CallReason, Menu } from "../../wire/types";
import { anyOpen, type Calling, type Clocked, callingOf } from "../calls";
import type { PricedCart } from "../cart";
import type { Place } from "../keeping";
import { saidOf } from "../say";
import { useSpeech } from "../speech";
import { type Cut, Round, shellStyle } from "../views/shell";
import type { Visit } from "../visit";
import { NoticesOf } from "./notices";

/** Where the party sits: it may have moved since the scan. */
export function labelOf(place: Place): string {
  return place.tab.seating.table.label;
}

/** What every screen at the table is given. */
export interface Common {
  readonly visit: Visit;
  readonly place: Place;
  readonly menu: Menu;
  readonly cart: PricedCart;
  readonly cut: Cut;
}

export function Notices({ visit }: { readonly visit: Pick<Visit, "ordering"> }) {
  const speech = useSpeech();
  return <NoticesOf ordering={visit.ordering} said={(notice) => saidOf(notice, speech)} />;
}

/** The way to the staff, with a mark while somebody is awaited. */
export function Bell({ visit, place }: Pick<Common, "visit" | "place">) {
  const { words } = useSpeech();
  const waits = anyOpen(place.tab.seating);
  return (
    <span class={shellStyle.bell} data-waits={waits}>
      <Round icon="bell" label={words.call.title} onPress={() => visit.views.open({ is: "call" })} />
    </span>
  );
}

function clocked(menu: Menu): Clocked {
  return { now: clock.value, pause_ms: menu.restaurant.settings.call_again_seconds * 1_000 };
}

export function callingAt(
  { visit, place, menu }: Pick<Common, "visit" | "place" | "menu">,
  reason: CallReason,
): Calling {
  const pending = visit.hub.value?.outbox.pending.value ?? [];
  const sending = pending.some(
    ({ command }) => command.name === "seating.call" && command.args.reason === reason,
  );
  return callingOf(place.tab.seating, reason, sending, clocked(menu));
}
