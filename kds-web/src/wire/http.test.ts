// What a page makes of the server's answers over HTTP.

import { expect, test, vi } from "vitest";
import { ApiProblem, call, menu, Unreachable } from "./http";

function answers(...responses: (Response | Error)[]) {
  const fetched = vi.fn(async (..._: Parameters<typeof fetch>) => {
    const next = responses.shift();
    if (!next || next instanceof Error) {
      throw next ?? new Error("no more answers");
    }
    return next;
  });
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

test("a problem document becomes an ApiProblem with its code", async () => {
  const problem = {
    type: "about:blank",
    title: "Conflict",
    status: 409,
    code: "total_changed",
    detail: "x",
    total: 2400,
  };
  answers(new Response(JSON.stringify(problem), { status: 409, headers: { "retry-after": "3" } }));
  const error = await call("POST", "/api/orders", { body: {} }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiProblem);
  expect(error).toMatchObject({ problem: { code: "total_changed", total: 2400 }, retry_after_s: 3 });
});

test("an error page of something in between still has a code", async () => {
  answers(new Response("<html>bad gateway", { status: 502 }));
  await expect(call("GET", "/api/x")).rejects.toMatchObject({ problem: { code: "http_502", status: 502 } });
});

test("no network is Unreachable, and so is an answer that breaks off", async () => {
  answers(new TypeError("failed"), new Response('{"half', { status: 200 }));
  await expect(call("GET", "/api/x")).rejects.toBeInstanceOf(Unreachable);
  await expect(call("GET", "/api/x")).rejects.toBeInstanceOf(Unreachable);
});

test("a call that is not answered in time is given up", async () => {
  vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => {
    return new Promise((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason)));
  });
  await expect(call("GET", "/api/x", { deadline_ms: 5 })).rejects.toBeInstanceOf(Unreachable);
});

test("the menu is fetched once and asked after by its tag", async () => {
  const fetched = answers(
    new Response('{"version":3}', { status: 200, headers: { etag: '"3"' } }),
    new Response(null, { status: 304 }),
  );
  const first = await menu("la brasa");
  const second = await menu("la brasa", first);
  expect(second).toBe(first);
  expect(fetched.mock.calls[1]?.[0]).toBe("/api/restaurants/la%20brasa/menu");
  expect(fetched.mock.calls[1]?.[1]?.headers).toMatchObject({ "if-none-match": '"3"' });
});
