// Who works at a restaurant, for its managers: read from the server, and changed by what they wish. Every wish is
// answered before the next; what was refused is said in one word. Knows no view. Made by the page.

import { type ReadonlySignal, signal } from "@preact/signals";
import { ApiProblem, call } from "../wire/http";
import { newId } from "../wire/ids";
import type { Command, NewMember, Role, StaffList, StaffMember, UserId } from "../wire/types";

/** From the least to the most: each may do what the ones before it may. */
export const ROLES: readonly Role[] = ["kitchen", "waiter", "manager", "admin"];

/** Why a wish was not done. */
export type Refusal =
  | "already_member"
  | "works_elsewhere"
  | "invalid"
  | "forbidden"
  | "unknown_member"
  | "no_answer";

const REFUSALS: readonly Refusal[] = [
  "already_member",
  "works_elsewhere",
  "invalid",
  "forbidden",
  "unknown_member",
];

interface Answered {
  readonly op: "ok" | "refused";
  readonly code?: string;
}

export class Crew {
  readonly #members = signal<readonly StaffMember[] | null>(null);
  readonly #refusal = signal<Refusal | null>(null);
  readonly #busy = signal(false);
  readonly #token: () => Promise<string>;

  constructor(token: () => Promise<string>) {
    this.#token = token;
  }

  /** By name; `null` until they are known. */
  get members(): ReadonlySignal<readonly StaffMember[] | null> {
    return this.#members;
  }

  get refusal(): ReadonlySignal<Refusal | null> {
    return this.#refusal;
  }

  get busy(): ReadonlySignal<boolean> {
    return this.#busy;
  }

  load(): Promise<boolean> {
    return this.#tried(() => this.#read());
  }

  /** Says whether it was done. */
  add(member: NewMember): Promise<boolean> {
    const headers = { "idempotency-key": newId() };
    return this.#tried(async () => {
      await call("POST", "/api/staff", { token: await this.#token(), body: member, headers });
      await this.#read();
    });
  }

  setRole(user: UserId, role: Role): Promise<boolean> {
    return this.#give({ name: "staff.set_role", args: { user, role } });
  }

  remove(user: UserId): Promise<boolean> {
    return this.#give({ name: "staff.remove", args: { user } });
  }

  /** Their logins end with it. */
  newPassword(user: UserId, password: string): Promise<boolean> {
    return this.#tried(async () => {
      await call("POST", `/api/staff/${user}/password`, { token: await this.#token(), body: { password } });
    });
  }

  #give(command: Command): Promise<boolean> {
    return this.#tried(async () => {
      const body = [{ id: newId(), ...command }];
      const token = await this.#token();
      const [answer] = (await call<readonly Answered[]>("POST", "/api/commands", { token, body })).body ?? [];
      if (answer?.op !== "ok") {
        throw new NotDone(answer?.code);
      }
      await this.#read();
    });
  }

  async #read(): Promise<void> {
    const { body } = await call<StaffList>("GET", "/api/staff", { token: await this.#token() });
    this.#members.value = [...(body?.staff ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  }

  async #tried(wish: () => Promise<void>): Promise<boolean> {
    this.#busy.value = true;
    this.#refusal.value = null;
    try {
      await wish();
      return true;
    } catch (error) {
      const code =
        error instanceof ApiProblem ? error.problem.code : error instanceof NotDone ? error.code : "";
      this.#refusal.value = REFUSALS.find((known) => known === code) ?? "no_answer";
      return false;
    } finally {
      this.#busy.value = false;
    }
  }
}

class NotDone extends Error {
  constructor(readonly code = "") {
    super(code);
  }
}

/** Whom somebody may manage: up to their own role, and never themselves. */
export function manages(me: { readonly email: string; readonly role: Role }, member: StaffMember): boolean {
  return rank(member.role) <= rank(me.role) && member.email !== me.email;
}

/** The roles that somebody may give. */
export function rolesOf(role: Role): readonly Role[] {
  return ROLES.slice(0, rank(role) + 1);
}

function rank(role: Role): number {
  return ROLES.indexOf(role);
}
