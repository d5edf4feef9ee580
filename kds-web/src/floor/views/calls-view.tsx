// Everything that wants somebody, the most urgent first. Takes the list, gives what was answered.

import { Layer, type LayerProps, shellStyle } from "../../table/views/shell";
import { useFloorSpeech } from "../speech";
import { Asks } from "./asks";

export interface CallsViewProps extends Pick<LayerProps, "cut" | "covered" | "under" | "notices"> {
  readonly asks: Parameters<typeof Asks>[0];
}

export function CallsView({ asks, ...frame }: CallsViewProps) {
  const { words } = useFloorSpeech();
  return (
    <Layer {...frame} title={words.calls}>
      <Asks {...asks} />
      {asks.asking.length === 0 && <p class={shellStyle.empty}>{words.allQuiet}</p>}
    </Layer>
  );
}
