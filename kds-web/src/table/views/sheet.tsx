// A sheet that rises over a view: a modal dialog, so that the page behind is out of reach, Escape and a
// tap beside it close it, and the focus goes back to where it was.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useSpeech } from "../speech";
import style from "./sheet.module.css";
import { Round } from "./shell";

export interface SheetProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly foot?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Sheet({ label, onClose, foot, children }: SheetProps) {
  const { words } = useSpeech();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const box = dialog.current;
    box?.showModal();
    return () => box?.close();
  }, []);
  const cancelled = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the key is Escape, which a dialog has by itself
    <dialog
      class={style.sheet}
      ref={dialog}
      aria-label={label}
      onCancel={cancelled}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class={style.paper}>
        <div class={style.close}>
          <Round icon="cross" label={words.close} onPress={onClose} />
        </div>
        <div class={style.body}>{children}</div>
        {foot && <footer class={style.foot}>{foot}</footer>}
      </div>
    </dialog>
  );
}
