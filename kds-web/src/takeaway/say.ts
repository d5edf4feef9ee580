// Small decisions between state and words: the link banner, how takeaway stands, what a notice says. No effects.

import type { Notice } from "../table/notices";
import { cutSaid, saidOf } from "../table/say";
import type { Speech } from "../table/speech";
import type { Cut } from "../table/views/shell";
import type { Errand } from "./errand";
import type { Standing } from "./slots";
import type { AwaySpeech } from "./speech";

export function cutOf(errand: Errand, speech: Speech): Cut {
  const unsent = errand.held.pad.value.orders.length > 0;
  return cutSaid({ lost_at: errand.lostAt, was_live: errand.wasLive, unsent }, speech);
}

/** What a guest must know before choosing anything; nothing while orders are taken as always. */
export function standingSaid(standing: Standing, { away, when }: AwaySpeech, now: number): string | null {
  const say = away.standing;
  switch (standing.is) {
    case "unknown":
    case "open":
      return null;
    case "off":
      return say.off;
    case "paused":
      return say.paused(when(standing.until, now));
    case "closed":
      return standing.opens_at === null ? say.closedLong : say.closed(when(standing.opens_at, now));
    case "full":
      return say.full;
  }
}

/** What the page says of the server's own refusals, in the guest's language. */
export function noticeSaid(notice: Notice, speech: Speech, { away }: AwaySpeech): string {
  if (notice.is === "refused" && notice.code === "slot_taken") return away.pickup.gone;
  if (notice.is === "refused" && notice.code === "takeaway_closed") return away.standing.full;
  return saidOf(notice, speech);
}
