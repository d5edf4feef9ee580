// The frame of every view of the table page: link banner, top, scrolling middle, notices, bottom bar.
// A banner that comes or goes moves nothing under a finger: the middle scrolls along by its height.
// Knows no orders and no menu.

import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useSpeech } from "../speech";
import { Icon, type IconName } from "./icon";
import style from "./shell.module.css";

/** What is wrong with the tie to the restaurant; `null` while nothing is. */
export type Cut = { readonly title: string; readonly more: string } | null;

export interface LayerProps {
  readonly cut: Cut;
  /** Another view lies over this one. */
  readonly covered?: boolean;
  readonly title: string;
  readonly under: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly notices?: ComponentChildren;
  readonly foot?: ComponentChildren;
  readonly scroller?: RefObject<HTMLElement | null>;
  readonly onScroll?: () => void;
  readonly children: ComponentChildren;
}

export function Layer(props: LayerProps) {
  const { cut, covered = false, title, under, actions, notices, foot, onScroll, children } = props;
  const own = useRef<HTMLElement>(null);
  const scroller = props.scroller ?? own;
  const layer = useFocus(covered);
  return (
    <div class={style.layer} data-covered={covered} inert={covered} ref={layer}>
      <Banner cut={cut} scroller={scroller} />
      <header class={style.top}>
        <div class={style.where}>
          <h1 tabIndex={-1}>{title}</h1>
          <p>{under}</p>
        </div>
        {actions}
      </header>
      <main class={style.page} ref={scroller} onScroll={onScroll}>
        {children}
      </main>
      {notices}
      {foot && <footer class={style.foot}>{foot}</footer>}
    </div>
  );
}

/** A view that comes takes the focus to its title; one that is uncovered gives it back where it was. */
function useFocus(covered: boolean): RefObject<HTMLDivElement | null> {
  const layer = useRef<HTMLDivElement>(null);
  const before = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const { activeElement } = document;
    if (covered) before.current = activeElement instanceof HTMLElement ? activeElement : null;
    else (before.current ?? layer.current?.querySelector("h1"))?.focus({ preventScroll: true });
  }, [covered]);
  return layer;
}

function Banner({ cut, scroller }: { readonly cut: Cut; readonly scroller: RefObject<HTMLElement | null> }) {
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  useLayoutEffect(() => {
    const now = box.current?.offsetHeight ?? 0;
    scroller.current?.scrollBy({ top: now - height.current, behavior: "instant" });
    height.current = now;
  }, [cut === null, cut?.more, scroller]);
  return (
    <div role="status">
      {cut !== null && (
        <div class={style.cut} ref={box}>
          <Icon name="cut" />
          <p>
            <b>{cut.title}</b>
            {cut.more}
          </p>
        </div>
      )}
    </div>
  );
}

export function Round({
  icon,
  label,
  onPress,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly onPress: () => void;
}) {
  return (
    <button type="button" class={style.round} aria-label={label} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}

export interface Said {
  readonly key: string;
  readonly text: string;
  readonly onDismiss: () => void;
}

/** News that stays until it is read. It takes its room from the middle, above the thumb. */
export function NoticeList({ notices }: { readonly notices: readonly Said[] }) {
  const { words } = useSpeech();
  return (
    <div role="status">
      {notices.map(({ key, text, onDismiss }) => (
        <div class={style.notice} key={key}>
          <p>{text}</p>
          <button type="button" class={style.small} onClick={onDismiss}>
            {words.dismiss}
          </button>
        </div>
      ))}
    </div>
  );
}

interface ButtonProps {
  readonly onPress: () => void;
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
}

/** The one filled button of a view; in a form it may be the one that sends it. */
export function Go({
  onPress = () => {},
  submit = false,
  disabled = false,
  children,
}: Partial<ButtonProps> & { readonly submit?: boolean }) {
  return (
    <button type={submit ? "submit" : "button"} class={style.go} onClick={onPress} disabled={disabled}>
      {children}
    </button>
  );
}

export function Soft({
  onPress,
  disabled = false,
  wide = false,
  label,
  children,
}: ButtonProps & { readonly wide?: boolean; readonly label?: string }) {
  return (
    <button
      type="button"
      class={`${style.soft} ${wide ? style.wide : ""}`}
      onClick={onPress}
      disabled={disabled}
      aria-label={label}
    >
      {children}
    </button>
  );
}

export function Small({
  onPress,
  pick = false,
  disabled = false,
  children,
}: ButtonProps & { readonly pick?: boolean }) {
  return (
    <button
      type="button"
      class={`${style.small} ${pick ? style.pick : ""}`}
      onClick={onPress}
      disabled={disabled}
    >
      {children}
    </button>
  );
}

export { style as shellStyle };
