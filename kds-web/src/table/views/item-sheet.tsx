// One dish: what is in it, its questions, a note, how many. Holds the guest's answers until they are
// added or the sheet is closed; the rules are in choice.ts. Knows no cart.

import { useRef, useState } from "preact/hooks";
import type { Category, Item, MenuOption, OptionGroup } from "../../wire/types";
import { allergensOf } from "../allergens";
import { NOTE_CHARS } from "../cart";
import {
  type Choice,
  choicePrice,
  chosenIn,
  chosenOf,
  freshChoice,
  full,
  mostOf,
  single,
  toggled,
  unanswered,
  withQuantity,
} from "../choice";
import { orderable } from "../menu";
import { type Speech, useSpeech, wordOr } from "../speech";
import { DishPhoto } from "./dish-photo";
import { Icon } from "./icon";
import { Tags } from "./menu-view";
import { Sheet } from "./sheet";
import style from "./sheet.module.css";
import { Go, Soft, shellStyle } from "./shell";
import { Stepper } from "./stepper";

export interface ItemSheetProps {
  readonly item: Item;
  readonly category: Category | undefined;
  /** The restaurant's. */
  readonly slug: string;
  /** The line of the cart that is being changed; `null` to add a new one. */
  readonly before: Choice | null;
  /** The order takes no further line. */
  readonly fullCart: boolean;
  /** Allergens that the guest avoids. */
  readonly avoid?: readonly string[];
  readonly onDone: (choice: Choice) => void;
  readonly onTakeOut: () => void;
  readonly onClose: () => void;
}

export function ItemSheet(props: ItemSheetProps) {
  const { item, category, slug, before, fullCart, avoid = [], onDone, onTakeOut, onClose } = props;
  const { words, name } = useSpeech();
  const [choice, setChoice] = useState<Choice>(() => before ?? freshChoice(item));
  const [asked, setAsked] = useState<string | null>(null);
  const groups = useRef(new Map<string, HTMLElement>());
  const missing = unanswered(item, choice.options);
  const finish = () => {
    if (missing === null) return onDone(choice);
    setAsked(missing.id);
    const group = groups.current.get(missing.id);
    group?.scrollIntoView({ block: "start", behavior: "smooth" });
    group?.querySelector("input")?.focus({ preventScroll: true });
  };
  const foot = (
    <ItemFoot
      item={item}
      choice={choice}
      missing={missing}
      changing={before !== null}
      fullCart={fullCart}
      onChoice={setChoice}
      onFinish={finish}
      onTakeOut={onTakeOut}
    />
  );
  return (
    <Sheet label={name(item.name)} onClose={onClose} foot={foot}>
      <DishPhoto
        item={item}
        category={category}
        slug={slug}
        sizes="(max-width: 30rem) 100vw, 30rem"
        now
        class={style.hero}
      />
      <div class={style.text}>
        <h1 dir="auto">{name(item.name)}</h1>
        <p class={style.lead} dir="auto">
          {name(item.description)}{" "}
          {item.preparation_minutes > 0 && words.item.minutes(item.preparation_minutes)}
        </p>
        <Avoided item={item} choice={choice} avoid={avoid} />
        <Contents item={item} choice={choice} />
        {item.option_groups.map((group) => (
          <Group
            key={group.id}
            group={group}
            choice={choice}
            asked={asked === group.id && missing?.id === group.id}
            hold={(box) => (box ? groups.current.set(group.id, box) : groups.current.delete(group.id))}
            onToggle={(option) => setChoice(toggled(choice, group, option))}
          />
        ))}
        <label class={shellStyle.label} for="item-note">
          {words.item.note} <span>{words.item.optional}</span>
        </label>
        <textarea
          id="item-note"
          class={shellStyle.field}
          rows={1}
          maxLength={NOTE_CHARS}
          placeholder={words.item.noteHint}
          value={choice.note}
          onInput={(event) => setChoice({ ...choice, note: event.currentTarget.value })}
        />
      </div>
    </Sheet>
  );
}

interface FootProps {
  readonly item: Item;
  readonly choice: Choice;
  readonly missing: OptionGroup | null;
  readonly changing: boolean;
  readonly fullCart: boolean;
  readonly onChoice: (choice: Choice) => void;
  readonly onFinish: () => void;
  readonly onTakeOut: () => void;
}

function ItemFoot({ item, choice, missing, changing, fullCart, onChoice, onFinish, onTakeOut }: FootProps) {
  const { words, money, name } = useSpeech();
  const takeOut = changing && <Soft onPress={onTakeOut}>{words.item.takeOut}</Soft>;
  const blocked = orderable(item) ? (fullCart && !changing ? words.item.fullCart : null) : words.item.soldOut;
  if (blocked !== null) {
    return (
      <>
        {takeOut}
        <Go disabled onPress={onFinish}>
          {blocked}
        </Go>
      </>
    );
  }
  const word = changing ? words.item.save : words.item.add;
  return (
    <>
      <Stepper
        quantity={choice.quantity}
        most={mostOf(item)}
        onQuantity={(quantity) => onChoice(withQuantity(choice, item, quantity))}
      />
      <Go onPress={onFinish}>
        {missing === null ? word : words.item.answerFirst(name(missing.name))}
        {missing === null && <span class={shellStyle.end}>{money.of(choicePrice(item, choice))}</span>}
      </Go>
    </>
  );
}

/** What the guest avoids, and this dish as it is chosen has or may have. */
function Avoided({
  item,
  choice,
  avoid,
}: {
  readonly item: Item;
  readonly choice: Choice;
  readonly avoid: readonly string[];
}) {
  const { words, list } = useSpeech();
  const { contains, safe } = allergensOf(item, chosenOf(item, choice.options));
  const named = (names: readonly string[]) => list(names.map((name) => wordOr(words.allergens, name)));
  const inside = avoid.filter((name) => contains.includes(name));
  const doubtful = avoid.filter((name) => !contains.includes(name) && !safe.includes(name));
  if (inside.length + doubtful.length === 0) return null;
  return (
    <p class={`${shellStyle.tell} ${style.avoided}`} role="status">
      <Icon name="warn" />
      <span>
        {inside.length > 0 && <b>{words.wish.inside(named(inside))} </b>}
        {doubtful.length > 0 && words.wish.doubtful(named(doubtful))}
      </span>
    </p>
  );
}

/** What is in the dish as it is chosen. */
function Contents({ item, choice }: { readonly item: Item; readonly choice: Choice }) {
  const { words, list } = useSpeech();
  const { contains, unconfirmed, safe } = allergensOf(item, chosenOf(item, choice.options));
  const named = (names: readonly string[]) => list(names.map((name) => wordOr(words.allergens, name)));
  return (
    <>
      {item.diets.length > 0 && <Tags item={{ ...item, allergens: {} }} />}
      {contains.length + unconfirmed.length + safe.length > 0 && (
        <div class={style.contains}>
          {contains.length > 0 && (
            <p class={style.has}>
              <Icon name="shield" />
              {words.item.contains(named(contains))}
            </p>
          )}
          {unconfirmed.length > 0 && (
            <p>
              <Icon name="note" />
              {words.item.unconfirmed(named(unconfirmed))}
            </p>
          )}
          {safe.length > 0 && (
            <p>
              <Icon name="tick" />
              {words.item.safe(named(safe))}
            </p>
          )}
        </div>
      )}
      <p class={style.quiet}>{words.item.unspoken}</p>
    </>
  );
}

interface GroupProps {
  readonly group: OptionGroup;
  readonly choice: Choice;
  /** "Add" was pressed and this is what is missing. */
  readonly asked: boolean;
  readonly hold: (box: HTMLElement | null) => void;
  readonly onToggle: (option: MenuOption) => void;
}

function Group({ group, choice, asked, hold, onToggle }: GroupProps) {
  const speech = useSpeech();
  const few = single(group) && short(group, speech);
  return (
    <fieldset class={`${style.group} ${asked ? style.asked : ""}`} ref={hold}>
      <legend>
        <bdi>{speech.name(group.name)}</bdi> <span>{howMany(group, speech)}</span>
      </legend>
      <div class={few ? style.chips : ""}>
        {group.options.map((option) => (
          <OptionRow
            key={option.id}
            group={group}
            option={option}
            choice={choice}
            chip={few}
            onToggle={() => onToggle(option)}
          />
        ))}
      </div>
    </fieldset>
  );
}

const CHIPS = 3;
const CHIP_CHARS = 12;

/** Fits in one row as chips. */
function short(group: OptionGroup, speech: Speech): boolean {
  const { options } = group;
  return (
    options.length <= CHIPS &&
    options.every((option) => option.price === 0 && speech.name(option.name).length <= CHIP_CHARS)
  );
}

function howMany({ min, max }: OptionGroup, { words }: Speech): string {
  if (min === 0) return words.item.upTo(max);
  return min === max ? words.item.choose(min) : words.item.chooseBetween(min, max);
}

interface OptionRowProps {
  readonly group: OptionGroup;
  readonly option: MenuOption;
  readonly choice: Choice;
  readonly chip: boolean;
  readonly onToggle: () => void;
}

function OptionRow({ group, option, choice, chip, onToggle }: OptionRowProps) {
  const { words, money, name } = useSpeech();
  const checked = chosenIn(choice, group).includes(option);
  const disabled = !checked && (!option.available || full(choice, group));
  const radio = single(group);
  return (
    <label class={chip ? style.chip : style.choice}>
      <input
        type={radio ? "radio" : "checkbox"}
        name={group.id}
        checked={checked}
        disabled={disabled}
        onChange={onToggle}
      />
      {!chip && (
        <span class={`${style.dot} ${radio ? "" : style.box}`}>{!radio && <Icon name="tick" />}</span>
      )}
      <span dir="auto">{name(option.name)}</span>
      {!chip && (
        <span class={style.price}>{option.available ? money.more(option.price) : words.item.optionGone}</span>
      )}
    </label>
  );
}
