// From the errand's state to the views: which ones are shown, what each gets and what its taps do. The menu stays in
// place below all others, so that coming back to it finds the same dish under the thumb. What comes after the menu is
// loaded once that can be read.

import { laterPart } from "../later";
import { priced } from "../table/cart";
import { offered } from "../table/language";
import { inCartOf, onlyOne, ordersLabel } from "../table/say";
import { ItemScreen, WishScreen } from "../table/screens/menu-screens";
import { useSpeech } from "../table/speech";
import { isSheet } from "../table/stack";
import { Plate } from "../table/views/arrival-view";
import { Icon } from "../table/views/icon";
import { LanguageSheet } from "../table/views/language-sheet";
import { MenuFoot } from "../table/views/menu-foot";
import { MenuView } from "../table/views/menu-view";
import { Go, Round, shellStyle } from "../table/views/shell";
import type { Words } from "../table/words/en";
import { clock } from "../time";
import type { Menu } from "../wire/types";
import type { Errand } from "./errand";
import { isOpen } from "./orders";
import { cutOf, standingSaid } from "./say";
import { type Common, Notices } from "./screens/common";
import { standingOf } from "./slots";
import { useAway } from "./speech";

interface ScreensProps {
  readonly errand: Errand;
  readonly onLanguage: (language: string) => void;
}

export function Screens({ errand, onLanguage }: ScreensProps) {
  const { words } = useSpeech();
  const { away } = useAway();
  const menu = errand.menu.menu.value;
  if (errand.nowhere.value && menu === null)
    return <Plate icon="warn" title={away.standing.nowhereTitle} more={away.standing.nowhere} />;
  if (menu === null) {
    const waits = errand.menu.failing.value;
    return (
      <Plate icon={waits ? "cut" : "bill"} title={waits ? words.arrival.connection : words.arrival.opening}>
        {waits && <Go onPress={errand.tryNow}>{words.tryNow}</Go>}
      </Plate>
    );
  }
  if (errand.slots.value?.on === false && errand.orders.value.all.size === 0)
    return <Plate icon="bag" title={away.standing.offTitle} more={away.standing.off} />;
  return <Away errand={errand} menu={menu} onLanguage={onLanguage} />;
}

function Away({ errand, menu, onLanguage }: ScreensProps & { readonly menu: Menu }) {
  const speech = useSpeech();
  const stack = errand.views.stack.value;
  const layer = stack.findLast((view) => !isSheet(view)) ?? { is: "menu" };
  const sheet = stack.at(-1);
  const cart = priced(errand.held.pad.value.cart, menu, errand.menu.items.value);
  const common: Common = { errand, menu, cart, cut: cutOf(errand, speech) };
  const beyond = layer.is !== "menu";
  const others = useLater(beyond || cart.lines.length > 0);
  return (
    <>
      <MenuScreen {...common} covered={beyond} />
      {beyond && others === null && <Plate icon="bill" title={speech.words.arrival.opening} />}
      {beyond && others !== null && <others.Layers {...common} layer={layer} />}
      {sheet?.is === "wish" && <WishScreen ordering={errand.ordering} menu={menu} />}
      {sheet?.is === "item" && (
        <ItemScreen key={`${sheet.item}/${sheet.line}`} ordering={errand.ordering} menu={menu} view={sheet} />
      )}
      {sheet?.is === "language" && (
        <LanguageSheet
          languages={offered(menu.restaurant.locales)}
          onPick={(language) => [onLanguage(language), errand.views.back()]}
          onClose={() => errand.views.back()}
        />
      )}
    </>
  );
}

const useLater = laterPart(() => import("./later"));

function MenuScreen({ errand, menu, cart, cut, covered }: Common & { readonly covered: boolean }) {
  const { words, time } = useSpeech();
  const speech = useAway();
  const { away } = speech;
  const { views } = errand;
  const standing = standingOf(errand.slots.value);
  const said = standingSaid(standing, speech, clock.value);
  const later = said !== null && (errand.slots.value?.slots.length ?? 0) > 0;
  const soon = standing.is === "open" && standing.soonest !== null ? away.soon(time(standing.soonest)) : null;
  return (
    <MenuView
      menu={menu}
      cut={cut}
      covered={covered}
      under={[away.title, soon].filter(Boolean).join(" · ")}
      actions={<Round icon="globe" label={words.language} onPress={() => views.open({ is: "language" })} />}
      wish={errand.ordering.wish.value}
      onWish={() => views.open({ is: "wish" })}
      notices={
        !covered && (
          <>
            {said !== null && (
              <div class={shellStyle.notice} role="status">
                <Icon name="clock" />
                <p>{[said, later ? away.standing.forLater : ""].filter(Boolean).join(" ")}</p>
              </div>
            )}
            <Notices errand={errand} />
          </>
        )
      }
      foot={menuFoot({ errand, cart, words })}
      inCart={inCartOf(cart)}
      onItem={(item) => views.open({ is: "item", item, line: null })}
    />
  );
}

function menuFoot({ errand, cart, words }: Pick<Common, "errand" | "cart"> & { readonly words: Words }) {
  const { views, held } = errand;
  const unsent = held.pad.value.orders;
  const orders = errand.listed;
  const mine = orders.filter(isOpen);
  const ordered = unsent.length + orders.length > 0;
  if (!ordered && cart.lines.length === 0) return undefined;
  const only = onlyOne(unsent, mine);
  return (
    <MenuFoot
      cart={cart}
      ordered={ordered}
      // Newest last, as the label takes them.
      label={ordersLabel(unsent, [...mine].reverse(), words)}
      icon="bag"
      onOrders={() => views.open(only === undefined ? { is: "orders" } : { is: "order", order: only })}
      onCart={() => views.open({ is: "cart" })}
    />
  );
}
