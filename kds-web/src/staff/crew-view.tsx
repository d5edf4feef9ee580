// The list of who works here, with what may be changed of each, and the form for one more. A function of what it
// is given.

import { useState } from "preact/hooks";
import type { NewMember, Role, StaffMember, UserId } from "../wire/types";
import { manages, type Refusal, rolesOf } from "./crew";
import style from "./staff.module.css";
import type { StaffWords } from "./words/en";

interface CrewProps {
  readonly words: StaffWords;
  readonly me: { readonly email: string; readonly role: Role };
  readonly members: readonly StaffMember[];
  readonly refusal: Refusal | null;
  readonly busy: boolean;
  readonly onAdd: (member: NewMember) => Promise<boolean>;
  readonly onRole: (user: UserId, role: Role) => void;
  readonly onPassword: (user: UserId, password: string) => Promise<boolean>;
  readonly onRemove: (user: UserId) => void;
}

export function CrewView(props: CrewProps) {
  const { words, me, members, refusal } = props;
  return (
    <>
      <p class={style.refusal} role="alert">
        {refusal && words.refusals[refusal]}
      </p>
      <ul class={style.list}>
        {members.map((member) => (
          <li key={member.user}>
            <p class={style.who}>
              <b>
                <bdi>{member.name}</bdi>
              </b>
              <small dir="ltr">{member.email}</small>
            </p>
            {manages(me, member) ? (
              <Manage {...props} member={member} />
            ) : (
              <p class={style.role}>
                {words.roles[member.role]}
                {member.email === me.email && <small>{words.thisIsYou}</small>}
              </p>
            )}
          </li>
        ))}
      </ul>
      <Add {...props} />
    </>
  );
}

/** Another role at once; a password and the end of it all only after a second press. */
function Manage({
  words,
  me,
  member,
  busy,
  onRole,
  onPassword,
  onRemove,
}: CrewProps & { readonly member: StaffMember }) {
  const [open, setOpen] = useState<"password" | "remove" | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    if (await onPassword(member.user, String(form.get("password")))) setOpen(null);
  };
  return (
    <div class={style.manage}>
      <select
        aria-label={words.roleOf(member.name)}
        value={member.role}
        disabled={busy}
        onChange={(event) => onRole(member.user, event.currentTarget.value as Role)}
      >
        {rolesOf(me.role).map((role) => (
          <option key={role} value={role}>
            {words.roles[role]}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => setOpen(open === "password" ? null : "password")}>
        {words.newPassword}
        <span class="unseen">: {member.name}</span>
      </button>
      <button type="button" onClick={() => setOpen(open === "remove" ? null : "remove")}>
        {words.sendAway}
        <span class="unseen">: {member.name}</span>
      </button>
      {open === "password" && (
        <form class={style.more} onSubmit={(event) => void submit(event)}>
          <label>
            {words.passwordFor(member.name)}
            <input name="password" type="password" required minLength={8} autocomplete="new-password" />
          </label>
          <p>{words.loginsEnd}</p>
          <button type="submit" class={style.main} disabled={busy}>
            {words.replace}
          </button>
        </form>
      )}
      {open === "remove" && (
        <div class={style.more}>
          <p>{words.loginsEnd}</p>
          <button type="button" class={style.main} disabled={busy} onClick={() => onRemove(member.user)}>
            {words.sendAwaySure(member.name)}
          </button>
        </div>
      )}
    </div>
  );
}

function Add({ words, me, busy, onAdd }: CrewProps) {
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const field = (name: string) => String(new FormData(form).get(name));
    const done = await onAdd({
      name: field("name").trim(),
      email: field("email").trim(),
      password: field("password"),
      role: field("role") as Role,
    });
    if (done) form.reset();
  };
  return (
    <form class={style.add} onSubmit={(event) => void submit(event)}>
      <h2>{words.add}</h2>
      <label>
        {words.name}
        <input name="name" required maxLength={80} autocomplete="off" />
      </label>
      <label>
        {words.email}
        <input name="email" type="email" required autocomplete="off" dir="ltr" />
      </label>
      <label>
        {words.firstPassword}
        <input name="password" type="password" required minLength={8} autocomplete="new-password" />
      </label>
      <label>
        {words.role}
        <select name="role">
          {rolesOf(me.role).map((role) => (
            <option key={role} value={role}>
              {words.roles[role]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class={style.main} disabled={busy}>
        {words.addThem}
      </button>
    </form>
  );
}
