// What stands at `/`: a way to the kitchen screen for staff, a hint for guests. Uses nothing of the
// kitchen, so that it stays small.

import style from "./landing.module.css";

export default function Landing({ nothingHere }: { readonly nothingHere: boolean }) {
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const slug = new FormData(event.currentTarget as HTMLFormElement).get("slug");
    location.assign(`/kitchen/${encodeURIComponent(String(slug).trim().toLowerCase())}`);
  };
  return (
    <main class={style.landing}>
      <h1>Comanda</h1>
      {nothingHere && <p class={style.nothing}>There is nothing at this address.</p>}
      <p>At a table? Scan the code that is printed on it.</p>
      <form onSubmit={open}>
        <label for="slug">Kitchen screen of</label>
        <div class={style.row}>
          <input
            id="slug"
            name="slug"
            required
            autocomplete="organization"
            autocapitalize="none"
            spellcheck={false}
            placeholder="restaurant"
          />
          <button type="submit">Open</button>
        </div>
      </form>
    </main>
  );
}
