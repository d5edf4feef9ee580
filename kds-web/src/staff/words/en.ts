// Words of the staff page in English. This file is the type of every other language: a missing word does not
// compile. Say what is, then what to do; no exclamation marks.

import door from "../../door/words/en";
import type { Role } from "../../wire/types";
import type { Refusal } from "../crew";

const en = {
  ...door,
  title: "Who works here",
  staffOf: (slug: string) => `Staff of ${slug}`,
  managersOnly: "This page is for managers.",
  language: "Language",
  reading: "Reading the list",
  thisIsYou: "this is you",
  role: "Role",
  roleOf: (name: string) => `Role of ${name}`,
  roles: {
    kitchen: "Kitchen",
    waiter: "Waiter",
    manager: "Manager",
    admin: "Admin",
  } satisfies Record<Role, string>,
  newPassword: "New password",
  passwordFor: (name: string) => `A new password for ${name}`,
  loginsEnd: "Their logins end at once.",
  replace: "Replace it",
  sendAway: "Send away",
  sendAwaySure: (name: string) => `Send ${name} away`,
  add: "Somebody new",
  name: "Name",
  firstPassword: "Their first password",
  addThem: "Add them",
  refusals: {
    already_member: "They work here already.",
    works_elsewhere: "They work elsewhere, too: their password stays theirs.",
    invalid: "Look at the fields: a password has 8 characters or more.",
    forbidden: "Your role may not do that.",
    unknown_member: "They no longer work here.",
    no_answer: "No answer from the server. Try again.",
  } satisfies Record<Refusal, string>,
};

export type StaffWords = typeof en;
export default en;
