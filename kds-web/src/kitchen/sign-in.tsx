// The door: e-mail and password, or a code that a manager types. Functions of what they are given; the page
// does the asking.

import style from "./forms.module.css";
import type { PairingState } from "./pairing";
import { useSpeech } from "./speech";

export type Refusal = "wrong" | "no_access" | "too_many" | "no_answer" | "ended";

interface SignInProps {
  readonly slug: string;
  readonly email: string;
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  readonly onSignIn: (email: string, password: string) => void;
  /** This screen is to hang on a wall: a manager pairs it. */
  readonly onPair: () => void;
}

export function SignIn({ slug, email, busy, refusal, onSignIn, onPair }: SignInProps) {
  const { words } = useSpeech();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    onSignIn(String(form.get("email")), String(form.get("password")));
  };
  const why = {
    wrong: words.wrongLogin,
    no_access: words.noAccess,
    too_many: words.tooManyTries,
    no_answer: words.noAnswer,
    ended: words.loginEnded,
  };
  return (
    <main class={style.door}>
      <form onSubmit={submit}>
        <h1>{words.kitchenOf(slug)}</h1>
        <label>
          {words.email}
          <input name="email" type="email" required autocomplete="username" defaultValue={email} />
        </label>
        <label>
          {words.password}
          <input name="password" type="password" required autocomplete="current-password" />
        </label>
        <p class={style.refusal} role="alert">
          {refusal && why[refusal]}
        </p>
        <button type="submit" class={style.main} disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </button>
        <button type="button" class={style.second} onClick={onPair}>
          {words.pairThis}
        </button>
      </form>
    </main>
  );
}

/** The code, as large as the wall lets it be. */
export function PairThis({ state, onBack }: { readonly state: PairingState; readonly onBack: () => void }) {
  const { words } = useSpeech();
  return (
    <main class={style.pairing}>
      <h1>{words.pairThis}</h1>
      <p>{state.is === "no_answer" ? words.noAnswer : words.pairHow}</p>
      <p class={style.code} aria-live="polite">
        {state.is === "shown" ? `${state.code.slice(0, 4)} ${state.code.slice(4)}` : "…"}
      </p>
      <button type="button" class={style.second} onClick={onBack}>
        {words.close}
      </button>
    </main>
  );
}
