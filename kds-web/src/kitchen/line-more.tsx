// What else can be done with a line: hold and fire, another station, once more. A function of what it is given.

import type { Command, StationId } from "../wire/types";
import { DrawerFrame } from "./drawer";
import style from "./drawer.module.css";
import { useSpeech } from "./speech";
import type { Ticket, TicketLine } from "./ticket";

interface LineMoreProps {
  readonly ticket: Ticket;
  readonly line: TicketLine;
  readonly stations: readonly StationId[];
  readonly onAsk: (command: Command) => void;
  readonly onClose: () => void;
}

export function LineMore({ ticket, line, stations, onAsk, onClose }: LineMoreProps) {
  const speech = useSpeech();
  const { words } = speech;
  const at = { order: ticket.order.id, line: line.line.id };
  const movable = line.tasks.filter((task) => task.state !== "done");
  const others = stations.filter((id) => line.line.tasks.every((task) => task.station !== id));
  const wishes: [string, Command][] = [
    ...(line.held ? [[words.fire, { name: "line.fire", args: at }] satisfies [string, Command]] : []),
    ...(!line.held && line.mark === "queued"
      ? [[words.hold, { name: "line.hold", args: at }] satisfies [string, Command]]
      : []),
    ...(line.mark === "started" || line.mark === "done"
      ? line.tasks.map(({ station }): [string, Command] => [
          words.makeAgain,
          { name: "line.remake", args: { ...at, station } },
        ])
      : []),
    ...movable.flatMap(({ station: from }) =>
      others.map((to): [string, Command] => [
        words.moveTo(speech.station(to)),
        { name: "line.move", args: { ...at, from, to } },
      ]),
    ),
  ];
  return (
    <DrawerFrame title={words.lineMore(speech.dish(line.line))} onClose={onClose}>
      {wishes.map(([name, command]) => (
        <div class={style.row} data-row key={JSON.stringify(command)}>
          <button type="button" class={`${style.act} ${style.wide}`} onClick={() => onAsk(command)}>
            {name}
          </button>
        </div>
      ))}
    </DrawerFrame>
  );
}
