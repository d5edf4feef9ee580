// What a guest sees after scanning the code on the table. Opens the visit for the code, chooses the
// language, and hands both to the screens. Loaded by main.tsx, only at /t/….

import { GuestPage, useGuestWords, useOpened } from "./guest-page";
import { justScanned } from "./scan";
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
