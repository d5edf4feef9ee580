// The open drawer, if any: reads the kitchen's signals, hands plain values to the list. Called by screen.tsx.

import type { Board } from "./board";
import { CheckList } from "./check-list";
import { allDay } from "./counts";
import { KeysList } from "./keys-list";
import type { Kitchen } from "./kitchen";
import { LineMore } from "./line-more";
import { AllDayList, BumpedList, OnHoldList } from "./lists";
import { ScheduledList } from "./scheduled";
import { ScreensList } from "./screens-list";
import { SoldOutList } from "./sold-out";
import type { Touch } from "./touch";

interface DrawersProps {
  readonly kitchen: Kitchen;
  readonly touch: Touch;
  readonly board: Board;
}

export function Drawers({ kitchen, touch, board }: DrawersProps) {
  const onClose = () => touch.open(null);
  switch (touch.drawer.value) {
    case null:
      return null;
    case "all_day":
      return <AllDayList toCook={allDay(kitchen.tickets.value, board.dishes)} onClose={onClose} />;
    case "bumped":
      return (
        <BumpedList
          title={kitchen.choice.value?.purpose === "pass" ? "gone" : "bumped"}
          bumped={kitchen.finished.value}
          onRecall={(order) => touch.recall(order)}
          onEarlier={() => kitchen.earlier()}
          onClose={onClose}
        />
      );
    case "on_hold":
      return (
        <OnHoldList
          waiting={kitchen.waiting.value}
          onFire={(commands) => touch.ask(...commands)}
          onClose={onClose}
        />
      );
    case "scheduled":
      return <Scheduled kitchen={kitchen} touch={touch} />;
    case "line":
      return <LineOf kitchen={kitchen} touch={touch} board={board} />;
    case "sold_out":
      return (
        <SoldOutList
          dishes={[...kitchen.dishes.value.values()]}
          shown={kitchen.shown.value}
          takeaway={kitchen.takeaway.value}
          onPause={(paused) => touch.pauseTakeaway(paused)}
          onSet={(item, available, stock) => touch.setItem(item, available, stock)}
          onClose={onClose}
        />
      );
    case "check":
      return (
        <CheckList
          findings={touch.check.findings.value}
          onPlay={() => kitchen.sounds.play("new")}
          onAgain={() => void touch.check.run()}
          onClose={onClose}
        />
      );
    case "screens":
      return (
        <ScreensList
          screens={touch.screens.all.value}
          stations={board.stations}
          code={touch.codeGiven.value}
          refused={touch.screens.refused.value}
          onPair={(screen) => void touch.screens.pair(screen)}
          onRevoke={(screen) => touch.screens.revoke(screen)}
          onClose={onClose}
        />
      );
    case "help":
      return (
        <KeysList
          map={touch.bar.keys.value}
          bumpsAtOnce={touch.bar.bumpsAtOnce.value}
          onMap={(map) => touch.bar.useKeys(map)}
          onBumpAtOnce={(at_once) => touch.bar.bumpAtOnce(at_once)}
          onClose={onClose}
        />
      );
  }
}

/** The drawer of one line, while the line is there. */
function LineOf({ kitchen, touch, board }: DrawersProps) {
  const open = touch.lineOpen.value;
  const ticket = kitchen.tickets.value.find(({ order }) => order.id === open?.order);
  const line = ticket?.lines.find((each) => each.line.id === open?.line);
  return ticket && line ? (
    <LineMore
      ticket={ticket}
      line={line}
      stations={board.stations.map((station) => station.id)}
      onAsk={(command) => {
        touch.ask(command);
        touch.open(null);
      }}
      onClose={() => touch.open(null)}
    />
  ) : null;
}

function Scheduled({ kitchen, touch }: Pick<DrawersProps, "kitchen" | "touch">) {
  return (
    <ScheduledList
      scheduled={kitchen.scheduled.value}
      onStart={(order) => touch.ask({ name: "order.start", args: { order: order.id } })}
      onClose={() => touch.open(null)}
    />
  );
}
