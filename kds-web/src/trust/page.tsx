// The page at /trust: how a screen gets to trust a server with a certificate of its own network, step by step for
// its system. Served over plain HTTP, because nobody trusts the other yet. Loaded by main.tsx.

import { useEffect, useState } from "preact/hooks";
import { recall } from "../storage";
import { ApiProblem, call } from "../wire/http";
import type { TrustView } from "../wire/types";
import { type Dictionary, type Language, wordsIn } from "../words/language";
import { LanguageChoice } from "../words/language-choice";
import { useSpoken } from "../words/spoken";
import { systemOf } from "./system";
import style from "./trust.module.css";
import type { System, TrustWords } from "./words/en";

const DICTIONARY: Dictionary<TrustWords> = {
  en: () => import("./words/en"),
  es: () => import("./words/es"),
  fr: () => import("./words/fr"),
  de: () => import("./words/de"),
  ar: () => import("./words/ar"),
  zh: () => import("./words/zh"),
};
const SYSTEMS: Readonly<Record<System, string>> = {
  apple: "iPad, iPhone",
  android: "Android",
  windows: "Windows",
  mac: "macOS",
  linux: "Linux",
};
const CERTIFICATE = "/api/trust/comanda.crt";

/** `none`: the server has no authority of its own. */
type Found = TrustView | "none" | "no_answer";

const load = (language: Language) => wordsIn(DICTIONARY, language);

export default function TrustPage() {
  const { words, language, speak } = useSpoken(load);
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    void asked().then(setFound);
  }, []);
  if (!words || !found) {
    return null;
  }
  return (
    <main class={style.page}>
      <LanguageChoice class={style.language} language={language} label={words.language} onLanguage={speak} />
      <h1>{words.title}</h1>
      {typeof found === "string" ? (
        <p>{found === "none" ? words.none : words.noAnswer}</p>
      ) : (
        <Steps words={words} trust={found} />
      )}
    </main>
  );
}

function Steps({ words, trust }: { readonly words: TrustWords; readonly trust: TrustView }) {
  const [system, setSystem] = useState<System>(() => systemOf(navigator));
  const kitchen = recall("kitchen");
  const there = `https://${location.hostname}:${trust.https_port}`;
  return (
    <>
      <p>{words.why}</p>
      <a class={style.main} href={CERTIFICATE} download="comanda.crt">
        {words.download}
      </a>
      <nav class={style.systems}>
        {(Object.keys(SYSTEMS) as System[]).map((one) => (
          <button type="button" key={one} aria-pressed={one === system} onClick={() => setSystem(one)}>
            {SYSTEMS[one]}
          </button>
        ))}
      </nav>
      <ol class={style.steps}>
        {words.steps[system].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <a class={style.main} href={`${there}/kitchen/${kitchen ? encodeURIComponent(kitchen) : ""}`}>
        {words.afterwards}
      </a>
      <p class={style.quiet}>{words.warns}</p>
      <p class={style.quiet}>
        {words.bounded} {words.compare}
      </p>
      <p class={style.print}>{trust.fingerprint}</p>
    </>
  );
}

async function asked(): Promise<Found> {
  try {
    return (await call<TrustView>("GET", "/api/trust")).body ?? "no_answer";
  } catch (error) {
    return error instanceof ApiProblem && error.problem.status === 404 ? "none" : "no_answer";
  }
}
