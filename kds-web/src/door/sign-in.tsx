// The door of every page of the staff: e-mail and password. A function of what it is given; the page does the
// asking.

import type { ComponentChildren } from "preact";
import style from "./door.module.css";
import type { DoorWords } from "./words/en";

interface SignInProps {
  readonly title: string;
  readonly words: DoorWords;
  readonly email: string;
  readonly busy: boolean;
  /** Why the last try was in vain. */
  readonly refusal: string | null;
  readonly onSignIn: (email: string, password: string) => void;
  /** Other ways in. */
  readonly children?: ComponentChildren;
}

export function SignIn({ title, words, email, busy, refusal, onSignIn, children }: SignInProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    onSignIn(String(form.get("email")), String(form.get("password")));
  };
  return (
    <main class={style.door}>
      <form onSubmit={submit}>
        <h1>{title}</h1>
        <label>
          {words.email}
          <input name="email" type="email" required autocomplete="username" defaultValue={email} />
        </label>
        <label>
          {words.password}
          <input name="password" type="password" required autocomplete="current-password" />
        </label>
        <p class={style.refusal} role="alert">
          {refusal}
        </p>
        <button type="submit" class={style.main} disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </button>
        {children}
      </form>
    </main>
  );
}
