// The page at /staff/{slug}: managers see who works here, add people, change roles and passwords, and send people
// away. Everybody else meets its door. Loaded by main.tsx.

import { useEffect, useMemo } from "preact/hooks";
import { SignIn } from "../door/sign-in";
import { resumeUntilKnown, Signing } from "../door/signing";
import { type Staff, staffOf } from "../wire/staff";
import type { LoggedIn } from "../wire/types";
import { type Dictionary, type Language, wordsIn } from "../words/language";
import { LanguageChoice } from "../words/language-choice";
import { useSpoken } from "../words/spoken";
import { Crew } from "./crew";
import { CrewView } from "./crew-view";
import style from "./staff.module.css";
import type { StaffWords } from "./words/en";

const DICTIONARY: Dictionary<StaffWords> = {
  en: () => import("./words/en"),
  es: () => import("./words/es"),
  fr: () => import("./words/fr"),
  de: () => import("./words/de"),
  ar: () => import("./words/ar"),
  zh: () => import("./words/zh"),
};

const load = (language: Language) => wordsIn(DICTIONARY, language);

export default function StaffPage({ slug }: { readonly slug: string }) {
  const staff = useMemo(() => staffOf(slug), [slug]);
  const { words, language, speak } = useSpoken(load);
  useEffect(() => {
    document.title = slug;
    return resumeUntilKnown(staff);
  }, [slug, staff]);
  if (words === null) return null;
  return <Door slug={slug} staff={staff} words={words} language={language} onLanguage={speak} />;
}

interface DoorProps {
  readonly slug: string;
  readonly staff: Staff;
  readonly words: StaffWords;
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
}

function Door(props: DoorProps) {
  const { slug, staff, words } = props;
  const presence = staff.presence.value;
  const signing = useMemo(() => new Signing(staff), [staff]);
  if (presence.is === "unknown") return null;
  const stranger = presence.is === "in" && presence.as.role !== "manager" && presence.as.role !== "admin";
  if (presence.is === "out" || stranger) {
    const refusal = signing.refusal.value;
    return (
      <SignIn
        title={words.staffOf(slug)}
        words={words}
        email={stranger ? "" : staff.lastEmail()}
        busy={signing.busy.value}
        refusal={refusal ? words[refusal] : stranger ? words.managersOnly : null}
        onSignIn={(email, password) => void signing.signIn(email, password)}
      />
    );
  }
  return <Inside {...props} as={presence.as} email={presence.person} />;
}

function Inside({
  staff,
  words,
  language,
  onLanguage,
  as,
  email,
}: DoorProps & { readonly as: LoggedIn; readonly email: string }) {
  const crew = useMemo(() => new Crew(async () => (await staff.token()).token), [staff]);
  useEffect(() => void crew.load(), [crew]);
  const members = crew.members.value;
  return (
    <main class={style.page}>
      <header>
        <h1>{words.title}</h1>
        <LanguageChoice language={language} label={words.language} onLanguage={onLanguage} />
        <button type="button" onClick={() => void staff.signOut().catch(() => undefined)}>
          {words.signOut}
        </button>
      </header>
      {members === null ? (
        <p role="status">{crew.refusal.value ? words.refusals[crew.refusal.value] : words.reading}</p>
      ) : (
        <CrewView
          words={words}
          me={{ email, role: as.role }}
          members={members}
          refusal={crew.refusal.value}
          busy={crew.busy.value}
          onAdd={(member) => crew.add(member)}
          onRole={(user, role) => void crew.setRole(user, role)}
          onPassword={(user, password) => crew.newPassword(user, password)}
          onRemove={(user) => void crew.remove(user)}
        />
      )}
    </main>
  );
}
