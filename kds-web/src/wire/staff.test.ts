// Signing in and staying signed in.

import { beforeEach, expect, test, vi } from "vitest";
import { SignedOut } from "./link";
import { staffOf } from "./staff";
import type { LoggedIn } from "./types";

const NOW = Date.parse("2026-01-31T19:00:00Z");
let tokens = 0;
let cookie = true;

const loggedIn = (): LoggedIn => ({
  token: `t${++tokens}`,
  expires_at: new Date(NOW + 15 * 60_000).toISOString(),
  session: "s",
  restaurant: "r",
  slug: "demo",
  role: "kitchen",
  name: "Ana",
});

beforeEach(() => {
  [tokens, cookie] = [0, true];
  localStorage.clear();
  const unauthorized = JSON.stringify({ code: "unauthorized" });
  const answer = () =>
    cookie ? new Response(JSON.stringify(loggedIn())) : new Response(unauthorized, { status: 401 });
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => answer()),
  );
});

test("a reload stays signed in by the cookie, and is out without it", async () => {
  const staff = staffOf("demo", () => NOW);
  await staff.resume();
  expect(staff.presence.value).toMatchObject({ is: "in", as: { name: "Ana" }, person: "s" });
  cookie = false;
  const other = staffOf("demo", () => NOW);
  await other.resume();
  expect(other.presence.value).toEqual({ is: "out" });
});

test("no answer at the start is no sign-out", async () => {
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("no network")));
  const staff = staffOf("demo", () => NOW);
  await expect(staff.resume()).rejects.toThrow();
  expect(staff.presence.value).toEqual({ is: "unknown" });
});

test("W8 the token in hand is used; a stale one is replaced, once for all who ask", async () => {
  const staff = staffOf("demo", () => NOW);
  await staff.signIn(" Ana@Example.org ", "secret");
  expect((await staff.token()).token).toBe("t1");
  const [a, b] = await Promise.all([staff.token("t1"), staff.token("t1")]);
  expect([a.token, b.token]).toEqual(["t2", "t2"]);
  expect(staff.presence.value).toMatchObject({ person: "ana@example.org" });
  expect(localStorage.getItem("comanda.email.demo")).toBe("ana@example.org");
  expect(Object.values(localStorage).join()).not.toContain("t1");
});

test("W8 a spent cookie signs out, and the connection is told so", async () => {
  const staff = staffOf("demo", () => NOW);
  await staff.signIn("ana@example.org", "secret");
  cookie = false;
  await expect(staff.token("t1")).rejects.toBeInstanceOf(SignedOut);
  expect(staff.presence.value).toEqual({ is: "out" });
  await expect(staff.token()).rejects.toBeInstanceOf(SignedOut);
});

test("a sign-out that the server did not hear of is none", async () => {
  const staff = staffOf("demo", () => NOW);
  await staff.signIn("ana@example.org", "secret");
  vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("no network")));
  await expect(staff.signOut()).rejects.toThrow();
  expect(staff.presence.value.is).toBe("in");
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => new Response(null, { status: 204 })),
  );
  await staff.signOut();
  expect(staff.presence.value.is).toBe("out");
});
