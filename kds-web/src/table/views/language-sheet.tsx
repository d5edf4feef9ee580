// Which language to read: the menu's and the page's own, each named in itself.

import { nameOf } from "../language";
import { useSpeech } from "../speech";
import { Sheet } from "./sheet";
import style from "./sheet.module.css";

export interface LanguageSheetProps {
  readonly languages: readonly string[];
  readonly onPick: (language: string) => void;
  readonly onClose: () => void;
}

export function LanguageSheet({ languages, onPick, onClose }: LanguageSheetProps) {
  const { words, language } = useSpeech();
  return (
    <Sheet label={words.language} onClose={onClose}>
      <div class={style.languages}>
        <h1>{words.language}</h1>
        {languages.map((tag) => (
          <label class={style.choice} key={tag} lang={tag}>
            <input
              type="radio"
              name="language"
              checked={tag === language}
              onChange={() => onPick(tag)}
              onClick={() => tag === language && onClose()}
            />
            <span class={style.dot} />
            {nameOf(tag)}
          </label>
        ))}
      </div>
    </Sheet>
  );
}
