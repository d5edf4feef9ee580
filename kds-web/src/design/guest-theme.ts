// Guests read by day and by night as their phone does. Called by main.tsx before anything is painted,
// so that a phone never flashes the kitchen's dark ground. Knows no page.

export function wearGuestTheme(root: HTMLElement = document.documentElement): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wear = () => root.classList.toggle("dark", dark.matches);
  root.classList.add("guest");
  wear();
  dark.addEventListener("change", wear);
}
