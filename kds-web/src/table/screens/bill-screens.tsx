// From the visit to the bill and to the staff: who pays what, who is called for what.

import { clock, stopwatch } from "../../time";
import type { CallReason } from "../../wire/types";
import type { Calling } from "../calls";
import { useSpeech } from "../speech";
import { BillView } from "../views/bill-view";
import { CallSheet } from "../views/call-sheet";
import type { Words } from "../words/en";
import { Bell, type Common, callingAt, labelOf, Notices } from "./common";

export function CallScreen(props: Common) {
  const { visit } = props;
  const undone = visit.hub.value?.outbox.undone.value.at(-1);
  const calls =
    undone?.pending.command.name === "seating.call" || undone?.pending.command.name === "call.done";
  const of = (reason: CallReason) => callingAt(props, reason);
  return (
    <CallSheet
      calling={{ waiter: of("waiter"), bill: of("bill"), water: of("water"), cutlery: of("cutlery") }}
      live={visit.hub.value?.link.value.is === "live"}
      refused={calls && undone.is === "refused" ? undone.refused.message : null}
      onCall={(reason) => visit.callStaff(reason)}
      onNotNeeded={(reason) => visit.callNotNeeded(reason)}
      onClose={() => visit.views.back()}
    />
  );
}

/** What the button says while the wish for the bill is on its way or answered. */
function billAsked(calling: Calling, words: Words): string | null {
  switch (calling.is) {
    case "free":
      return null;
    case "sending":
      return words.call.sending;
    case "called":
      return words.bill.asked;
    case "coming":
      return words.call.coming;
    case "resting":
      return words.call.again(stopwatch(calling.until - clock.value));
  }
}

export function BillScreen(props: Common) {
  const { visit, place, cut } = props;
  const { words } = useSpeech();
  const unsent = visit.held.pad.value.orders.map(({ id, draft }) => ({
    id,
    total: draft.expected_total ?? 0,
  }));
  return (
    <BillView
      cut={cut}
      notices={<Notices visit={visit} />}
      tab={place.tab}
      me={place.scanned.guest}
      table={labelOf(place)}
      unsent={unsent}
      call={<Bell visit={visit} place={place} />}
      asked={cut === null ? billAsked(callingAt(props, "bill"), words) : words.call.offlineShort}
      onAsk={() => visit.callStaff("bill")}
      onReceipt={() => visit.views.open({ is: "receipt" })}
      onOrder={(order) => visit.views.open({ is: "order", order })}
      onMore={() => visit.views.home()}
      onBack={() => visit.views.home()}
    />
  );
}
