// What a guest sees after scanning the code on the table. Opens the visit for the code, chooses the
// language, and hands both to the screens. Loaded by main.tsx, only at /t/….

import { recall, remember } from "../storage";
import { GuestPage, useGuestWords, useOpened } from "./guest-page";
import { Screens } from "./screens";
import { loadWords, speechOf } from "./speech";
import { Visit } from "./visit";

export default function TablePage({ code }: { readonly code: string }) {
  const visit = useOpened(code, opened);
  const restaurant = visit?.menu.menu.value?.restaurant ?? null;
  const [spoken, setLanguage] = useGuestWords(restaurant, loadWords);
  if (visit === null || spoken === null) return null;
  return (
    <GuestPage restaurant={restaurant} speech={speechOf(spoken.language, spoken.words, restaurant)}>
      <Screens visit={visit} onLanguage={setLanguage} />
    </GuestPage>
  );
}

function opened(code: string): Promise<Visit> {
  return Visit.open(code, justScanned(code));
}

/** A scan opens a tab; a reload, or a tab that comes back from sleep, is no scan. */
function justScanned(code: string): boolean {
  const mark = `visit.${code}`;
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const fresh = recall(mark, "visit") === null && (navigation?.type ?? "navigate") === "navigate";
  remember(mark, "opened", "visit");
  return fresh;
}
