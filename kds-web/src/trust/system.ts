// Which system a device runs, as far as its browser says. Pure. Called by the page, which lets others be chosen.

import type { System } from "./words/en";

export function systemOf(device: { readonly userAgent: string; readonly maxTouchPoints: number }): System {
  const { userAgent, maxTouchPoints } = device;
  if (/iPhone|iPad|iPod/.test(userAgent)) {
    return "apple";
  }
  if (/Android/.test(userAgent)) {
    return "android";
  }
  if (/Windows/.test(userAgent)) {
    return "windows";
  }
  if (/Macintosh/.test(userAgent)) {
    // An iPad calls itself a Mac, but no Mac has a touch screen.
    return maxTouchPoints > 1 ? "apple" : "mac";
  }
  return "linux";
}
