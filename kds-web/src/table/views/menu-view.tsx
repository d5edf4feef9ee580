// The menu: search, categories that follow the scrolling, dishes with what a guest must know before
// tapping. Takes the menu and what is in the cart, gives taps. Knows no server and no storage.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Category, CategoryId, Item, ItemId, Menu } from "../../wire/types";
import { allergensOf } from "../allergens";
import { lowStock, orderable, search } from "../menu";
import { useSpeech, wordOr } from "../speech";
import { fitOf, sortedBy, type Wish, wishes } from "../wish";
import { DishPhoto } from "./dish-photo";
import { Icon } from "./icon";
import style from "./menu.module.css";
import { Layer, type LayerProps, Round, Small, shellStyle } from "./shell";

export interface MenuViewProps
  extends Pick<LayerProps, "cut" | "covered" | "under" | "actions" | "notices" | "foot"> {
  readonly menu: Menu;
  /** Portions in the cart. */
  readonly inCart: ReadonlyMap<ItemId, number>;
  /** What the guest does not eat. */
  readonly wish: Wish;
  readonly onWish: () => void;
  readonly onItem: (item: ItemId) => void;
}

export function MenuView({ menu, inCart, wish, onWish, onItem, ...frame }: MenuViewProps) {
  const { words } = useSpeech();
  const [query, setQuery] = useState("");
  const scroller = useRef<HTMLElement>(null);
  const { categories: found, hidden } = useMemo(() => {
    const matching = search(menu, query).filter(({ items }) => items.length > 0);
    return sortedBy(matching, wish);
  }, [menu, query, wish]);
  const spy = useSpy(scroller, found);
  const drawn = useDrawn(found.length);
  const searched = query.trim() !== "";
  return (
    <Layer {...frame} title={menu.restaurant.name} scroller={scroller} onScroll={spy.look}>
      <div class={style.find}>
        <SearchField query={query} onQuery={setQuery} />
        <Round icon="leaf" label={words.wish.title} onPress={onWish} />
      </div>
      {wishes(wish) && <WishBar wish={wish} hidden={hidden} onPress={onWish} />}
      {!searched && found.length > 1 && <Tabs categories={found} current={spy.current} onPick={spy.go} />}
      {found.slice(0, drawn).map((category) => (
        <section
          key={category.id}
          class={style.category}
          data-category={category.id}
          aria-labelledby={`c-${category.id}`}
        >
          <CategoryName category={category} />
          <ul>
            {category.items.map((item) => (
              <ItemCard
                key={item.id}
                item={item}
                category={category}
                slug={menu.restaurant.slug}
                portions={inCart.get(item.id) ?? 0}
                wish={wish}
                onPress={() => onItem(item.id)}
              />
            ))}
          </ul>
        </section>
      ))}
      {found.length === 0 && (
        <div class={shellStyle.empty} role="status">
          <p>{searched ? words.menu.nothing(query.trim()) : words.menu.empty}</p>
          {searched && <Small onPress={() => setQuery("")}>{words.menu.wholeMenu}</Small>}
        </div>
      )}
    </Layer>
  );
}

/** As many categories as a phone shows at first; the rest is drawn once those can be read and tapped. */
const FIRST_CATEGORIES = 1;

function useDrawn(categories: number): number {
  const [all, setAll] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setAll(true), 0);
    return () => clearTimeout(timer);
  }, []);
  return all ? categories : FIRST_CATEGORIES;
}

/** That the menu is not whole, and why. */
function WishBar({
  wish,
  hidden,
  onPress,
}: {
  readonly wish: Wish;
  readonly hidden: number;
  readonly onPress: () => void;
}) {
  const { words, list } = useSpeech();
  const avoided = wish.avoid.map((name) => wordOr(words.allergens, name));
  const kept = wish.diets.map((name) => wordOr(words.diets, name));
  const said = [...kept, ...(avoided.length > 0 ? [words.wish.free(list(avoided))] : [])];
  return (
    <div class={style.wish}>
      <Icon name="shield" />
      <p role="status">
        {said.join(", ")} · {words.wish.hidden(hidden)}
      </p>
      <button type="button" class={shellStyle.plain} onClick={onPress}>
        {words.cart.allergyChange}
      </button>
    </div>
  );
}

function CategoryName({ category }: { readonly category: Category }) {
  const { name } = useSpeech();
  return (
    <h2 class={style.name} id={`c-${category.id}`} dir="auto">
      {name(category.name)}
    </h2>
  );
}

function SearchField({
  query,
  onQuery,
}: {
  readonly query: string;
  readonly onQuery: (query: string) => void;
}) {
  const { words } = useSpeech();
  return (
    <div class={style.search}>
      <Icon name="search" />
      <input
        type="search"
        aria-label={words.menu.search}
        placeholder={words.menu.search}
        value={query}
        enterkeyhint="search"
        autocomplete="off"
        maxLength={60}
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      />
      {query !== "" && (
        <button type="button" aria-label={words.menu.clearSearch} onClick={() => onQuery("")}>
          <Icon name="cross" />
        </button>
      )}
    </div>
  );
}

interface TabsProps {
  readonly categories: readonly Category[];
  readonly current: CategoryId | null;
  readonly onPick: (category: CategoryId) => void;
}

function Tabs({ categories, current, onPick }: TabsProps) {
  const { words, name } = useSpeech();
  const bar = useRef<HTMLElement>(null);
  const shown = useRef<CategoryId | null>(null);
  if (shown.current !== current) {
    shown.current = current;
    queueMicrotask(() => reveal(bar.current));
  }
  return (
    <nav class={style.tabs} aria-label={words.menu.categories} ref={bar} data-tabs>
      {categories.map(({ id, name: title }) => (
        <button
          type="button"
          key={id}
          aria-current={id === current ? "true" : undefined}
          onClick={() => onPick(id)}
          dir="auto"
        >
          {name(title)}
        </button>
      ))}
    </nav>
  );
}

/** Brings the current tab into the row's middle, without moving the page. */
function reveal(bar: HTMLElement | null): void {
  const tab = bar?.querySelector<HTMLElement>("[aria-current]");
  if (bar && tab)
    bar.scrollTo({ left: tab.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2, behavior: "smooth" });
}

const SPY_SLACK_PX = 12;
const SPY_REST_MS = 700;

/** Which category is being read, and the way to another one. */
function useSpy(scroller: { current: HTMLElement | null }, categories: readonly Category[]) {
  const [read, setRead] = useState<CategoryId | null>(null);
  const rests_until = useRef(0);
  const current = categories.some(({ id }) => id === read) ? read : (categories[0]?.id ?? null);
  const look = () => {
    const box = scroller.current;
    if (box === null || performance.now() < rests_until.current) return;
    const line = box.getBoundingClientRect().top + tabsHeight(box) + SPY_SLACK_PX;
    const sections = [...box.querySelectorAll<HTMLElement>("[data-category]")];
    const above = sections.filter((section) => section.getBoundingClientRect().top <= line);
    const at_end = box.scrollTop > 0 && box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
    setRead((at_end ? sections.at(-1) : above.at(-1))?.dataset.category ?? null);
  };
  const go = (category: CategoryId) => {
    rests_until.current = performance.now() + SPY_REST_MS;
    setRead(category);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const section = scroller.current?.querySelector(`[data-category="${CSS.escape(category)}"]`);
    section?.scrollIntoView({ block: "start", behavior: calm ? "instant" : "smooth" });
  };
  return { current, look, go };
}

function tabsHeight(box: HTMLElement): number {
  return box.querySelector<HTMLElement>("[data-tabs]")?.offsetHeight ?? 0;
}

interface ItemCardProps {
  readonly item: Item;
  readonly category: Category;
  readonly slug: string;
  readonly portions: number;
  readonly wish: Wish;
  readonly onPress: () => void;
}

function ItemCard({ item, category, slug, portions, wish, onPress }: ItemCardProps) {
  const { words, money, name } = useSpeech();
  const can = orderable(item);
  const left = lowStock(item);
  return (
    <li class={`${style.item} ${can ? "" : style.gone}`}>
      <div>
        <h3 dir="auto">
          <button type="button" onClick={onPress}>
            {name(item.name)}
          </button>
        </h3>
        <p dir="auto">{name(item.description)}</p>
        <p class={style.price}>
          {can ? money.of(item.price) : words.menu.soldOut}
          {left !== null && <span class={`${style.tag} ${style.low}`}>{words.menu.left(left)}</span>}
        </p>
        <Tags item={item} />
        {wish.avoid.length > 0 && fitOf(item, wish) === "ask" && (
          <p class={style.tags}>
            <span class={`${style.tag} ${style.has}`}>
              <Icon name="warn" />
              {words.wish.askUs}
            </span>
          </p>
        )}
      </div>
      <div class={style.photo}>
        <DishPhoto item={item} category={category} slug={slug} sizes="5.25rem" />
        {portions > 0 && (
          <span class={style.portions}>
            <span aria-hidden="true">{portions}</span>
            <span class="unseen">{words.menu.inCart(portions)}</span>
          </span>
        )}
      </div>
    </li>
  );
}

/** Diets and allergens, each with its icon. */
export function Tags({ item }: { readonly item: Item }) {
  const { words, commas } = useSpeech();
  const { contains, unconfirmed } = allergensOf(item, []);
  if (item.diets.length + contains.length + unconfirmed.length === 0) return null;
  const named = (names: readonly string[]) => commas(names.map((name) => wordOr(words.allergens, name)));
  return (
    <p class={style.tags}>
      {dietsOf(item).map((diet) => (
        <span class={style.tag} key={diet}>
          <Icon name="leaf" />
          {wordOr(words.diets, diet)}
        </span>
      ))}
      {contains.length > 0 && (
        <span class={`${style.tag} ${style.has}`}>
          <Icon name="shield" />
          {words.menu.contains(named(contains))}
        </span>
      )}
      {unconfirmed.length > 0 && (
        <span class={style.tag}>
          <Icon name="note" />
          {words.menu.unconfirmed(named(unconfirmed))}
        </span>
      )}
    </p>
  );
}

/** Vegan says vegetarian, too. */
function dietsOf({ diets }: Item): readonly string[] {
  return diets.includes("vegan") ? diets.filter((diet) => diet !== "vegetarian") : diets;
}
