import { expect, test } from "vitest";
import { systemOf } from "./system";

const on = (userAgent: string, maxTouchPoints = 0) => systemOf({ userAgent, maxTouchPoints });

test("the steps shown first are those of the device, an iPad that calls itself a Mac among them", () => {
  expect(on("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15", 5)).toBe("apple");
  expect(on("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.4 Safari/605.1.15")).toBe("mac");
  expect(on("Mozilla/5.0 (Linux; Android 14; SM-X210) Chrome/140.0", 5)).toBe("android");
  expect(on("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0", 10)).toBe("windows");
  expect(on("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0")).toBe("linux");
});
