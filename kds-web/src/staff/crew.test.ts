// Who may manage whom, and that what was refused is said.

import { afterEach, expect, test, vi } from "vitest";
import type { StaffMember } from "../wire/types";
import { Crew, manages, rolesOf } from "./crew";

const ana: StaffMember = { user: "1", name: "Ana", email: "ana@x.example", role: "manager" };
const rosa: StaffMember = { user: "2", name: "Rosa", email: "rosa@x.example", role: "admin" };
const iker: StaffMember = { user: "3", name: "Iker", email: "iker@x.example", role: "kitchen" };

afterEach(() => void vi.unstubAllGlobals());

/** A server that answers in this order. */
function answers(...all: readonly (readonly [number, unknown])[]) {
  const queue = [...all];
  const asked: string[] = [];
  vi.stubGlobal(
    "fetch",
    vi.fn(async (path: string, { method, body }: RequestInit) => {
      asked.push(`${method} ${path} ${body ?? ""}`);
      const [status, answer] = queue.shift() ?? [500, {}];
      return new Response(JSON.stringify(answer), {
        status,
        headers: { "content-type": status < 400 ? "application/json" : "application/problem+json" },
      });
    }),
  );
  return asked;
}

test("managers manage up to their own role, and nobody themselves", () => {
  expect([iker, ana, rosa].map((member) => manages(ana, member))).toEqual([true, false, false]);
  expect([iker, ana, rosa].map((member) => manages(rosa, member))).toEqual([true, true, false]);
  expect(rolesOf("manager")).toEqual(["kitchen", "waiter", "manager"]);
});

test("what was added is read again; the list is by name", async () => {
  const asked = answers([201, iker], [200, { staff: [rosa, ana, iker] }]);
  const crew = new Crew(async () => "t");
  expect(
    await crew.add({ name: "Iker", email: "iker@x.example", role: "kitchen", password: "12345678" }),
  ).toBe(true);
  expect(crew.members.value?.map(({ name }) => name)).toEqual(["Ana", "Iker", "Rosa"]);
  expect(asked.map((one) => one.split(" ").slice(0, 2).join(" "))).toEqual([
    "POST /api/staff",
    "GET /api/staff",
  ]);
});

test("a refusal is said in a word, of a request and of a command, and goes with the next wish", async () => {
  answers(
    [409, { code: "already_member", status: 409 }],
    [200, [{ op: "refused", code: "forbidden" }]],
    [200, [{ op: "ok" }]],
    [200, { staff: [ana] }],
  );
  const crew = new Crew(async () => "t");
  expect(await crew.add({ ...iker, password: "12345678" })).toBe(false);
  expect(crew.refusal.value).toBe("already_member");
  expect(await crew.setRole("2", "kitchen")).toBe(false);
  expect(crew.refusal.value).toBe("forbidden");
  expect(await crew.remove("3")).toBe(true);
  expect(crew.refusal.value).toBeNull();
  expect(crew.members.value).toEqual([ana]);
});
