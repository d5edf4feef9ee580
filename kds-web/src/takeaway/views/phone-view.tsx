// The guest's number and the code that proves it: asked for, sent, typed or pasted, wrong, out of time, sent again.
// Takes how far it is, gives the number and the code. Nothing is sent without the sentence beside the field.

import { useEffect, useRef, useState } from "preact/hooks";
import { numberOf, type Reach, type Way } from "../../table/contact";
import { useSpeech } from "../../table/speech";
import { Icon } from "../../table/views/icon";
import { NumberField, WayField } from "../../table/views/number-field";
import { Layer, type LayerProps, Round, Small, shellStyle } from "../../table/views/shell";
import { clock, stopwatch } from "../../time";
import { type Asking, CODE_DIGITS, digitsOf, type Trouble } from "../phone";
import { useAway } from "../speech";
import type { Away } from "../words/en";
import style from "./takeaway.module.css";

export interface PhoneViewProps extends Pick<LayerProps, "cut" | "notices"> {
  readonly asking: Asking;
  /** The number that is verified, if one is. */
  readonly verified: string | null;
  readonly ways: readonly Way[];
  readonly onAsk: (reach: Reach) => void;
  readonly onCode: (typed: string) => void;
  readonly onOther: () => void;
  /** Resolves with whether the server heard it. */
  readonly onForget: () => Promise<boolean>;
  readonly onBack: () => void;
}

/** The form of the view, so that the button below it sends it. */
const FORM = "phone-form";

export function PhoneView(props: PhoneViewProps) {
  const { words } = useSpeech();
  const { away } = useAway();
  const { asking, onBack } = props;
  const code = asking.is === "code";
  const busy = asking.is === "sending" || (code && asking.said === "checking");
  const label = code
    ? busy
      ? away.phone.checking
      : away.phone.confirm
    : busy
      ? away.phone.sending
      : away.phone.send;
  return (
    <Layer
      cut={props.cut}
      notices={props.notices}
      title={code ? away.phone.codeTitle : away.phone.title}
      under={away.title}
      actions={<Round icon="cross" label={words.close} onPress={onBack} />}
      foot={
        <button type="submit" form={FORM} class={shellStyle.go} disabled={busy}>
          {label}
        </button>
      }
    >
      {code ? <CodeForm {...props} asking={asking} /> : <NumberForm {...props} />}
    </Layer>
  );
}

function NumberForm({ asking, verified, ways, onAsk, onForget }: PhoneViewProps) {
  const { words } = useSpeech();
  const { away } = useAway();
  const { contact } = words.cart;
  const [reach, setReach] = useState<Reach>({ phone: verified ?? "", way: ways[0] ?? "sms" });
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const way = ways.includes(reach.way) ? reach.way : (ways[0] ?? "sms");
  const bad = tried && numberOf(reach.phone) === null;
  const trouble = asking.is === "number" ? troubleSaid(asking.trouble, away) : null;
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  const ask = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (numberOf(reach.phone) === null) field.current?.focus();
    else onAsk({ ...reach, way });
  };
  return (
    <form class={style.phone} id={FORM} onSubmit={ask} noValidate>
      <p>{away.phone.why}</p>
      <label for="number">{contact.field}</label>
      <NumberField
        id="number"
        field={field}
        phone={reach.phone}
        bad={bad}
        describedBy="number-said number-consent"
        enter="send"
        onPhone={(phone) => setReach({ ...reach, phone })}
      />
      <p id="number-said" role="status" class={style.bad}>
        {bad ? contact.bad : trouble}
      </p>
      <WayField ways={ways} way={way} onWay={(way) => setReach({ ...reach, way })} />
      <p id="number-consent" class={style.small}>
        {away.phone.consent}
      </p>
      {verified !== null && <Forget onForget={onForget} />}
    </form>
  );
}

function Forget({ onForget }: Pick<PhoneViewProps, "onForget">) {
  const { away } = useAway();
  const [failed, setFailed] = useState(false);
  return (
    <div class={style.forget}>
      <Small onPress={() => void onForget().then((done) => setFailed(!done))}>{away.phone.forget}</Small>
      <p class={style.small} role="status">
        {failed ? away.phone.forgetFailed : away.phone.forgetMore}
      </p>
    </div>
  );
}

function CodeForm({
  asking,
  onAsk,
  onCode,
  onOther,
}: PhoneViewProps & { readonly asking: Asking & { is: "code" } }) {
  const { away } = useAway();
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Also after another code was sent: the one before is worth nothing.
    setTyped("");
    field.current?.focus({ preventScroll: true });
  }, [asking.id]);
  useEffect(() => {
    if (asking.said === "wrong") field.current?.select();
  }, [asking.said]);
  const took = (text: string) => {
    const digits = digitsOf(text);
    setTyped(digits);
    if (digits.length === CODE_DIGITS && digits !== typed) onCode(digits);
  };
  const give = (event: Event) => {
    event.preventDefault();
    if (typed.length === CODE_DIGITS) onCode(typed);
    else field.current?.focus();
  };
  clock.value;
  const rest = asking.again_at - Date.now();
  const bad = asking.said === "wrong" || asking.said === "ended" || asking.said === "no_answer";
  return (
    <form class={style.phone} id={FORM} onSubmit={give} noValidate>
      <p>{away.phone.sentTo(`\u2066${asking.reach.phone}\u2069`)}</p>
      <label for="code">{away.phone.code}</label>
      <input
        id="code"
        ref={field}
        class={`${shellStyle.field} ${style.code}`}
        dir="ltr"
        inputMode="numeric"
        autocomplete="one-time-code"
        enterkeyhint="done"
        aria-invalid={bad}
        aria-describedby="code-said"
        value={typed}
        onInput={(event) => took(event.currentTarget.value)}
      />
      <p id="code-said" role="status" class={bad ? style.bad : ""}>
        {bad && <Icon name="warn" />}
        {codeSaid(asking, away)}
      </p>
      <div class={style.ways}>
        <Small
          pick={asking.said === "ended"}
          disabled={rest > 0 || asking.said === "sending_again"}
          onPress={() => onAsk(asking.reach)}
        >
          {rest > 0 ? away.phone.againIn(stopwatch(rest + 999)) : away.phone.again}
        </Small>
        <Small onPress={onOther}>{away.phone.other}</Small>
      </div>
    </form>
  );
}

function codeSaid({ said }: Asking & { is: "code" }, { phone }: Away): string {
  switch (said) {
    case "nothing":
      return "";
    case "checking":
      return phone.checking;
    case "sending_again":
      return phone.sending;
    case "wrong":
      return phone.wrong;
    case "ended":
      return phone.ended;
    case "no_answer":
      return phone.noAnswer;
  }
}

function troubleSaid(trouble: Trouble | null, { phone }: Away): string | null {
  switch (trouble?.is) {
    case undefined:
      return null;
    case "limit":
      clock.value;
      return phone.limit(stopwatch(trouble.until - Date.now()));
    case "connection":
      return phone.connection;
    case "refused":
      return trouble.message;
  }
}
