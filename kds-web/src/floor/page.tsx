// The waiter's page: finds out who is signed in, then makes a floor for that person and shows it. Everything
// that lives longer than a drawing is made and stopped here. Loaded by main.tsx, only at /floor/….

import { useEffect, useMemo } from "preact/hooks";
import { SignIn } from "../door/sign-in";
import { resumeUntilKnown, Signing } from "../door/signing";
import { loadWords, type Speech, SpeechContext, speechOf } from "../table/speech";
import { type Staff, staffOf } from "../wire/staff";
import type { LoggedIn } from "../wire/types";
import type { Language } from "../words/language";
import { useSpoken } from "../words/spoken";
import { Floor } from "./floor";
import { Screens } from "./screens";
import { type FloorSpeech, FloorSpeechContext, loadFloorWords } from "./speech";
import type { FloorWords } from "./words/en";

interface Spoken {
  readonly language: Language;
  readonly speech: Speech;
  readonly words: FloorWords;
}

async function load(language: Language): Promise<Spoken> {
  const [guest, words] = await Promise.all([loadWords(language), loadFloorWords(language)]);
  return { language, speech: speechOf(language, guest, null), words };
}

export default function FloorPage({ slug }: { readonly slug: string }) {
  const staff = useMemo(() => staffOf(slug), [slug]);
  const { words: spoken, speak } = useSpoken(load);
  useEffect(() => {
    document.title = slug;
    return resumeUntilKnown(staff);
  }, [slug, staff]);
  if (spoken === null) return null;
  return (
    <Speaking spoken={spoken}>
      <Door slug={slug} staff={staff} spoken={spoken} onLanguage={speak} />
    </Speaking>
  );
}

/** Both dictionaries: the floor's own, and the guest page's for the parts that it lends. */
export function Speaking({
  spoken: { speech, words },
  children,
}: {
  readonly spoken: Spoken;
  readonly children: preact.ComponentChildren;
}) {
  const own: FloorSpeech = useMemo(() => ({ ...speech, words }), [speech, words]);
  return (
    <SpeechContext.Provider value={speech}>
      <FloorSpeechContext.Provider value={own}>{children}</FloorSpeechContext.Provider>
    </SpeechContext.Provider>
  );
}

interface DoorProps {
  readonly slug: string;
  readonly staff: Staff;
  readonly spoken: Spoken;
  readonly onLanguage: (language: Language) => void;
}

function Door({ slug, staff, spoken, onLanguage }: DoorProps) {
  const presence = staff.presence.value;
  const signing = useMemo(() => new Signing(staff), [staff]);
  if (presence.is === "unknown") return null;
  const { words } = spoken;
  const refusal = signing.refusal.value;
  const kitchen = presence.is === "in" && presence.as.role === "kitchen";
  if (presence.is === "out" || kitchen) {
    return (
      <SignIn
        title={words.floorOf(slug)}
        words={words}
        email={kitchen ? "" : staff.lastEmail()}
        busy={signing.busy.value}
        refusal={kitchen ? words.notForKitchen : refusal && words[refusal]}
        onSignIn={(email, password) => void signing.signIn(email, password)}
      />
    );
  }
  const { as, person } = presence;
  return (
    <Inside
      key={person}
      slug={slug}
      staff={staff}
      as={as}
      person={person}
      spoken={spoken}
      onLanguage={onLanguage}
      onEnded={() => signing.ended()}
    />
  );
}

interface InsideProps extends DoorProps {
  readonly as: LoggedIn;
  readonly person: string;
  /** The server ended this login. */
  readonly onEnded: () => void;
}

function Inside({ slug, staff, as, person, spoken, onLanguage, onEnded }: InsideProps) {
  const floor = useMemo(() => new Floor({ slug, person, token: (stale) => staff.token(stale) }), []);
  useEffect(() => {
    floor.start();
    const stop = floor.hub.link.subscribe((link) => {
      if (link.is === "ended" && ["revoked", "unauthorized"].includes(link.reason.code)) onEnded();
    });
    return () => {
      stop();
      floor.stop();
    };
  }, [floor]);
  const { restaurant } = floor.room.value ?? { restaurant: null };
  const speech = useMemo(
    () => speechOf(spoken.language, spoken.speech.words, restaurant),
    [spoken, restaurant],
  );
  return (
    <Speaking spoken={{ ...spoken, speech }}>
      <Screens
        floor={floor}
        who={as.name}
        manages={as.role === "manager" || as.role === "admin"}
        language={spoken.language}
        onLanguage={onLanguage}
        onSignOut={() => void staff.signOut().catch(() => undefined)}
      />
    </Speaking>
  );
}
