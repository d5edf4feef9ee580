// The room: a tile per table, with what it is at, how long, and what it wants. Takes the tiles, gives taps.

import { useState } from "preact/hooks";
import { Icon, type IconName } from "../../table/views/icon";
import { Layer, type LayerProps, shellStyle } from "../../table/views/shell";
import { clock, stopwatch } from "../../time";
import type { TableId } from "../../wire/types";
import { useFloorSpeech } from "../speech";
import type { Age, Tile } from "../tiles";
import { Asks, WANT_ICON } from "./asks";
import style from "./floor.module.css";

type Filter = "all" | "taken" | "asks";

export interface TablesViewProps
  extends Pick<LayerProps, "cut" | "covered" | "under" | "actions" | "notices"> {
  readonly tiles: readonly Tile[];
  readonly alarms: Parameters<typeof Asks>[0];
  readonly onTable: (table: TableId) => void;
}

export function TablesView({ tiles, alarms, onTable, ...frame }: TablesViewProps) {
  const { words } = useFloorSpeech();
  const [filter, setFilter] = useState<Filter>("all");
  const fits: Record<Filter, (tile: Tile) => boolean> = {
    all: () => true,
    taken: (tile) => tile.doing !== "free",
    asks: (tile) => tile.wants !== null,
  };
  const shown = tiles.filter(fits[filter]);
  const areas = [...new Set(shown.map((tile) => tile.table.area))];
  return (
    <Layer {...frame} title={words.floor}>
      <Asks {...alarms} />
      <div class={style.filters}>
        {(["all", "taken", "asks"] as const).map((name) => (
          <button type="button" key={name} aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {words[name]} {tiles.filter(fits[name]).length}
          </button>
        ))}
      </div>
      {areas.map((area) => (
        <section key={area}>
          {areas.length > 1 && area !== "" && <h2 class={style.area}>{area}</h2>}
          <ul class={style.tiles}>
            {shown
              .filter((tile) => tile.table.area === area)
              .map((tile) => (
                <li key={tile.table.id}>
                  <TileButton tile={tile} onPress={() => onTable(tile.table.id)} />
                </li>
              ))}
          </ul>
        </section>
      ))}
      {shown.length === 0 && <p class={shellStyle.empty}>{words.nobody}</p>}
    </Layer>
  );
}

const AGE_ICON: Readonly<Record<Age, IconName>> = { fresh: "clock", soon: "warn", late: "late" };

function TileButton({ tile, onPress }: { readonly tile: Tile; readonly onPress: () => void }) {
  const { words } = useFloorSpeech();
  const { table, doing, since, age, allergy, seating } = tile;
  const verdict = { fresh: words.onTime, soon: words.soon, late: words.late }[age];
  const cooking = doing === "cooking" || doing === "sent";
  return (
    <button
      type="button"
      class={style.tile}
      data-age={cooking ? age : "none"}
      data-doing={doing}
      onClick={onPress}
    >
      <span class={style.head}>
        <span class={style.label}>{table.label}</span>
        {since !== null && (
          <span class={style.age}>
            <Icon name={AGE_ICON[cooking ? age : "fresh"]} />
            <time>{stopwatch(clock.value - since)}</time>
            {cooking && <span class="unseen">{verdict}</span>}
          </span>
        )}
      </span>
      <span class={style.what}>
        {doing === "free" ? words.seats(table.seats) : words.doing[doing]}
        {doing === "seated" && seating && ` · ${words.guests(seating.guests.length)}`}
        {allergy !== null && (
          <span class={style.allergy}>
            <Icon name="shield" />
            {allergy}
          </span>
        )}
      </span>
      <WantBadge tile={tile} />
    </button>
  );
}

function WantBadge({ tile: { wants } }: { readonly tile: Tile }) {
  const { words } = useFloorSpeech();
  if (wants === null) return null;
  const going = wants.is === "call" && wants.call.coming_at !== null;
  const text = {
    unseen: () => words.kitchenHasNot,
    gate: () => words.letIn,
    call: () => (wants.is === "call" ? words.reason[wants.call.reason] : ""),
    ready: () => words.toServe,
  }[wants.is]();
  return (
    <span class={style.want} data-want={wants.is} data-going={going}>
      <Icon name={WANT_ICON[wants.is]} />
      {text}
      {wants.is !== "gate" && <time>{stopwatch(clock.value - wants.since)}</time>}
    </span>
  );
}
