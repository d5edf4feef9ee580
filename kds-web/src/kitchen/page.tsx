// The kitchen page: finds out who is signed in, then makes a kitchen for that person and shows it.
// Everything that lives longer than a drawing is made and stopped here. Loaded by main.tsx.

import { computed, signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useErrorBoundary, useMemo } from "preact/hooks";
import { SignIn } from "../door/sign-in";
import { resumeUntilKnown, Signing } from "../door/signing";
import { type Staff, staffOf } from "../wire/staff";
import type { LoggedIn } from "../wire/types";
import { type Language, wordsIn } from "../words/language";
import { useSpoken } from "../words/spoken";
import { words as dictionary, type Words } from "../words/words";
import { becomeApp, wakeWithNetwork } from "./app";
import style from "./forms.module.css";
import { forgetBoards } from "./kept";
import { Kitchen } from "./kitchen";
import { PairThis } from "./pair-this";
import { Pairing } from "./pairing";
import { NotShowing, Screen } from "./screen";
import { Speaking, Speech, useSpeech } from "./speech";
import { Touch } from "./touch";

/** Then it is said that nothing answers yet. */
const LONG_MS = 2_000;
/** A screen that cannot draw itself must not hang there as if it were quiet. */
const RELOAD_BROKEN_MS = 5_000;

interface Spoken {
  readonly words: Words;
  readonly language: Language;
}

async function load(language: Language): Promise<Spoken> {
  return { words: await wordsIn(dictionary, language), language };
}

export default function KitchenPage({ slug }: { readonly slug: string }) {
  const staff = useMemo(() => staffOf(slug), [slug]);
  const { words: spoken, speak } = useSpoken(load);
  useEffect(() => {
    document.title = slug;
    becomeApp(slug);
    return resumeUntilKnown(staff);
  }, []);
  if (spoken === null) {
    return null;
  }
  return <Door slug={slug} staff={staff} spoken={spoken} onLanguage={speak} />;
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
  const { words, language } = spoken;
  switch (presence.is) {
    case "unknown":
      return <Wait words={words} />;
    case "out":
      return (
        <Speaking value={new Speech(words, language)}>
          <Asking slug={slug} staff={staff} signing={signing} />
        </Speaking>
      );
    case "in": {
      const onEnded = () => {
        signing.ended();
        void forgetBoards();
      };
      return (
        <Inside
          key={presence.person}
          slug={slug}
          staff={staff}
          as={presence.as}
          person={presence.person}
          spoken={spoken}
          onLanguage={onLanguage}
          onEnded={onEnded}
        />
      );
    }
  }
}

/** A wall screen that starts before its server: says so, never an empty kitchen. */
function Wait({ words }: { readonly words: Words }) {
  const long = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      long.value = true;
    }, LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <NotShowing current={!long.value}>
      {long.value ? `${words.noConnection} ${words.tryingAgain}` : words.connecting}
    </NotShowing>
  );
}

function Asking({ slug, staff, signing }: Pick<DoorProps, "slug" | "staff"> & { readonly signing: Signing }) {
  const { words } = useSpeech();
  const pairing = useMemo(() => new Pairing(slug, (as) => staff.paired(as)), [slug, staff]);
  useEffect(() => () => pairing.stop(), [pairing]);
  const paired = pairing.state.value;
  if (paired.is !== "idle") {
    const link = (code: string) => `${location.host}/kitchen/${slug}?pair=${code}`;
    return <PairThis state={paired} link={link} onBack={() => pairing.stop()} />;
  }
  const refusal = signing.refusal.value;
  return (
    <SignIn
      title={words.kitchenOf(slug)}
      words={words}
      email={staff.lastEmail()}
      busy={signing.busy.value}
      refusal={refusal && words[refusal]}
      onSignIn={(email, password) => void signing.signIn(email, password)}
    >
      <button type="button" class={style.second} onClick={() => pairing.start()}>
        {words.pairThis}
      </button>
    </SignIn>
  );
}

interface InsideProps extends DoorProps {
  readonly as: LoggedIn;
  readonly person: string;
  /** The server ended this login. */
  readonly onEnded: () => void;
}

function Inside({ slug, staff, as, person, spoken, onLanguage, onEnded }: InsideProps) {
  const made = useMemo(() => {
    const now = signal(spoken);
    const restaurant = computed(() => kitchen.board.value?.restaurant);
    const stations = computed(() => kitchen.board.value?.stations);
    const speech = computed(
      () => new Speech(now.value.words, now.value.language, restaurant.value, stations.value),
    );
    const kitchen: Kitchen = new Kitchen({
      slug,
      person,
      token: (stale) => staff.token(stale),
      words: () => speech.value,
      ...(as.screen && { stations: as.screen.stations }),
    });
    return { kitchen, touch: new Touch(kitchen), speech, now };
  }, []);
  made.now.value = spoken;
  useEffect(() => {
    made.kitchen.start();
    const stop = made.kitchen.hub.link.subscribe((link) => {
      if (link.is === "ended" && (link.reason.code === "revoked" || link.reason.code === "unauthorized")) {
        onEnded();
      }
    });
    const sleep = wakeWithNetwork(made.kitchen.hub);
    return () => {
      stop();
      sleep();
      made.kitchen.stop();
    };
  }, [made]);
  const speech = useComputed(() => made.speech.value);
  const [broken] = useErrorBoundary((error) => {
    console.error("The screen could not be drawn; it starts again.", error);
    setTimeout(() => location.reload(), RELOAD_BROKEN_MS);
  });
  if (broken) {
    return <NotShowing>{spoken.words.broken}</NotShowing>;
  }
  return (
    <Speaking value={speech.value}>
      <Screen
        kitchen={made.kitchen}
        touch={made.touch}
        who={as.name}
        manages={as.role === "manager" || as.role === "admin"}
        onLanguage={onLanguage}
        onSignOut={() => void signOut(staff).catch(() => made.touch.say("no_answer"))}
      />
    </Speaking>
  );
}

async function signOut(staff: Staff): Promise<void> {
  await staff.signOut();
  await forgetBoards();
}
