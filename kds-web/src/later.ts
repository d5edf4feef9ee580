// A part of a page that comes after its first view: loaded at once when it is wanted, and soon anyway, so that it is
// there when the network is not. Tried again until it is there. Called by the guests' pages.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** So long the first view has the network for itself. */
export const SOON_MS = 700;
const AGAIN_MS = 3_000;

/** A hook that gives the part once it is loaded, `null` before. */
export function laterPart<T>(load: () => Promise<T>): (wanted: boolean) => T | null {
  const part = signal<T | null>(null);
  let loading = false;
  const begin = async (): Promise<void> => {
    if (loading) return;
    loading = true;
    try {
      part.value = await load();
    } catch {
      loading = false;
      setTimeout(() => void begin(), AGAIN_MS);
    }
  };
  return (wanted) => {
    useEffect(() => {
      const timer = setTimeout(() => void begin(), wanted ? 0 : SOON_MS);
      return () => clearTimeout(timer);
    }, [wanted]);
    return part.value;
  };
}
