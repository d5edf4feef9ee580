// The door: e-mail and password. A function of what it is given; the page does the asking.

import style from "./forms.module.css";
import { useSpeech } from "./speech";

export type Refusal = "wrong" | "no_access" | "too_many" | "no_answer" | "ended";

interface SignInProps {
  readonly slug: string;
  readonly email: string;
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  readonly onSignIn: (email: string, password: string) => void;
}

export function SignIn({ slug, email, busy, refusal, onSignIn }: SignInProps) {
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
      </form>
    </main>
  );
}
