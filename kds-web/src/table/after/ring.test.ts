import { expect, test } from "vitest";
import { bytesOf, wireOf } from "./ring";

test("a subscription without keys is none", () => {
  const endpoint = "https://push.example/1";
  expect(wireOf({ endpoint })).toBeNull();
  expect(wireOf({ endpoint, keys: { p256dh: "a", auth: "" } })).toBeNull();
  expect(wireOf({ endpoint, keys: { p256dh: "a", auth: "b" } })).toEqual({
    endpoint,
    p256dh: "a",
    auth: "b",
  });
});

test("a key is read from base64url, with and without padding", () => {
  expect([...bytesOf("-_8")]).toEqual([251, 255]);
  expect([...bytesOf("-_8=")]).toEqual([251, 255]);
});
