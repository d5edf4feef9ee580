// The check before a shift, line by line, each with a tick or with what is missing. A function of what it is
// given.

import { Icon } from "../design/icons";
import type { Findings } from "./check";
import { DrawerFrame } from "./drawer";
import style from "./drawer.module.css";
import { useSpeech } from "./speech";

interface CheckProps {
  readonly findings: Findings | null;
  readonly onPlay: () => void;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

export function CheckList({ findings, onPlay, onAgain, onClose }: CheckProps) {
  const { words } = useSpeech();
  const secure = findings?.secure ?? true;
  const rows: [string, boolean, string?][] = findings
    ? [
        [words.checkAwake, findings.awake, secure ? undefined : words.needsHttps],
        [words.checkClock(findings.clock ? 0 : findings.clock_s), findings.clock],
        [
          findings.answer_ms === null ? words.checkNoAnswer : words.checkAnswer(findings.answer_ms),
          findings.answer,
        ],
        [words.checkOffline, findings.offline, secure ? undefined : words.needsHttps],
        [words.checkKept, findings.kept],
      ]
    : [];
  return (
    <DrawerFrame title={words.check} onClose={onClose}>
      <p>{words.checkHow}</p>
      <div class={style.row} data-row>
        <Mark good={findings?.sound ?? false} />
        <p class={style.name}>
          {words.checkSound}
          {findings && !findings.sound && <small>{words.checkTouch}</small>}
        </p>
        <button type="button" class={style.act} onClick={onPlay}>
          <Icon sign="sound" />
          {words.checkPlay}
        </button>
      </div>
      {rows.map(([name, good, why]) => (
        <div class={style.row} key={name}>
          <Mark good={good} />
          <p class={style.name}>
            {name}
            {!good && why && <small>{why}</small>}
          </p>
        </div>
      ))}
      {findings?.trust && (
        <div class={style.row} data-row>
          <a class={style.act} href="/trust">
            HTTPS: {words.howHttps}
          </a>
        </div>
      )}
      <div class={style.row} data-row>
        <button type="button" class={style.act} onClick={onAgain}>
          {words.checkAgain}
        </button>
        <button type="button" class={style.act} onClick={onClose}>
          {words.gotIt}
        </button>
      </div>
    </DrawerFrame>
  );
}

function Mark({ good }: { readonly good: boolean }) {
  return (
    <span class={good ? style.good : style.bad}>
      <Icon sign={good ? "tick" : "cross"} />
    </span>
  );
}
