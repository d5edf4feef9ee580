// The board for those who wait at the counter: two columns of large numbers, no names. Says when it is not
// current, like every screen. The only button is the way out. A function of what it is given.

import { Icon } from "../design/icons";
import { clock } from "../time";
import { LATEST_MS, type Pickup, type Waiting } from "./pickup";
import style from "./pickup.module.css";
import { useSpeech } from "./speech";
import type { Trust } from "./trust";

/** As many numbers as can be read from afar; the rest is counted. */
const COOKING_SHOWN = 12;
const READY_SHOWN = 9;

interface PickupProps {
  readonly restaurant: string;
  readonly pickup: Pickup;
  readonly trust: Trust;
  readonly onSettings: () => void;
}

export function PickupBoard({ restaurant, pickup, trust, onSettings }: PickupProps) {
  const speech = useSpeech();
  const { words } = speech;
  const [latest, ...before] = pickup.ready;
  return (
    <main class={style.board} data-trust={trust}>
      <section class={style.cooking} aria-label={words.almostThere}>
        <h2>
          <Icon sign="clock" />
          {words.almostThere}
        </h2>
        <p>{words.beingCooked}</p>
        <ul>
          {pickup.cooking.slice(0, COOKING_SHOWN).map(({ order, at_ms }) => (
            <li key={order.id}>
              <b class="num">{order.number}</b>
              <time>{speech.time(at_ms)}</time>
            </li>
          ))}
        </ul>
        <More count={pickup.cooking.length - COOKING_SHOWN} />
      </section>
      <section class={style.ready} aria-label={words.ready} aria-live="polite">
        <h2>
          <Icon sign="tick" />
          {words.ready}
        </h2>
        <p>{latest ? words.comeToCounter : words.nothingYet}</p>
        {latest && <Latest waiting={latest} />}
        <ul>
          {before.slice(0, READY_SHOWN).map(({ order }) => (
            <li key={order.id}>
              <b class="num">{order.number}</b>
            </li>
          ))}
        </ul>
        <More count={before.length - READY_SHOWN} />
      </section>
      <footer>
        <button type="button" onClick={onSettings}>
          {restaurant} <Icon sign="switch" />
        </button>
        <span>{words.askAtCounter}</span>
        <Current trust={trust} />
        <time>{speech.time(clock.value)}</time>
      </footer>
    </main>
  );
}

function Latest({ waiting }: { readonly waiting: Waiting }) {
  const { words } = useSpeech();
  const fresh = clock.value - waiting.at_ms < LATEST_MS;
  return (
    <p class={fresh ? `${style.latest} ${style.fresh}` : style.latest}>
      <b class="num">{waiting.order.number}</b>
      {fresh && <span>{words.justNow}</span>}
    </p>
  );
}

function More({ count }: { readonly count: number }) {
  const { words } = useSpeech();
  return count > 0 ? <p class="num">{words.more(count)}</p> : null;
}

function Current({ trust }: { readonly trust: Trust }) {
  const { words } = useSpeech();
  if (trust === "live") {
    return (
      <span class={style.live}>
        <Icon sign="live" />
        {words.live}
      </span>
    );
  }
  const cut = trust === "offline" || trust === "stale";
  return (
    <span class={cut ? style.warn : ""} role="status">
      {cut && <Icon sign="cut" />}
      {cut ? `${words.notConnected}. ${words.outOfDate}` : words.connecting}
    </span>
  );
}
