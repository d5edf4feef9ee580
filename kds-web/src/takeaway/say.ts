// Small decisions between state and words: the link banner, how takeaway stands, what a notice says. No effects.

import type { Notice } from "../table/notices";
import { saidOf } from "../table/say";
import type { Speech } from "../table/speech";
import type { Cut } from "../table/views/shell";
import { clock } from "../time";
import type { Errand } from "./errand";
import type { Standing } from "./slots";
import type { AwaySpeech } from "./speech";

/** A tie that is back within this time was never worth a word. */
const GRACE_MS = 3_000;

export function cutOf(errand: Errand, { words, time }: Speech): Cut {
  const lost_at = errand.lostAt;
  if (lost_at === null || clock.value - lost_at < GRACE_MS) return null;
  const unsent = errand.held.pad.value.orders.length > 0;
  const title = errand.wasLive ? words.link.lost(time(lost_at)) : words.link.connecting;
  return { title, more: unsent ? words.link.kept : words.link.reading };
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
