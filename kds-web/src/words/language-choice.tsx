// The choice of language, each by its own name. Takes the one that is spoken, gives another.

import { LANGUAGES, type Language } from "./language";

interface LanguageChoiceProps {
  readonly language: Language;
  readonly label: string;
  readonly onLanguage: (language: Language) => void;
  readonly class?: string | undefined;
}

export function LanguageChoice({ language, label, onLanguage, class: look }: LanguageChoiceProps) {
  return (
    <select
      class={look}
      aria-label={label}
      value={language}
      onChange={(event) => onLanguage(event.currentTarget.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
