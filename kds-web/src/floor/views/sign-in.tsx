// The door of the floor page: e-mail and password. A function of what it is given; the page does the asking.

import { Go } from "../../table/views/shell";
import { useFloorSpeech } from "../speech";
import style from "./floor.module.css";

export type Refusal = "wrongLogin" | "noAccess" | "tooMany" | "noAnswer" | "ended" | "notForKitchen";

export interface SignInProps {
  readonly slug: string;
  readonly email: string;
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  readonly onSignIn: (email: string, password: string) => void;
}

export function SignIn({ slug, email, busy, refusal, onSignIn }: SignInProps) {
  const { words } = useFloorSpeech();
  const give = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    onSignIn(String(fields.get("email")), String(fields.get("password")));
  };
  return (
    <main class={style.door}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          give(event.currentTarget);
        }}
      >
        <h1>{words.floorOf(slug)}</h1>
        <label>
          {words.email}
          <input name="email" type="email" required autocomplete="username" defaultValue={email} />
        </label>
        <label>
          {words.password}
          <input name="password" type="password" required autocomplete="current-password" />
        </label>
        <p class={style.refusal} role="alert">
          {refusal && words[refusal]}
        </p>
        <Go submit disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </Go>
      </form>
    </main>
  );
}
