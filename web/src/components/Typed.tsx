import { TextInput } from "@mantine/core";

interface TypedProps {
  /** What has to be typed, letter by letter. */
  readonly word: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly autoFocus?: boolean;
}

/** A field in which a word is typed, so that nobody does something grave by a slip of the hand. */
export function Typed({ word, value, change, autoFocus = false }: TypedProps) {
  return (
    <TextInput
      label={
        <>
          Type <code>{word}</code> to confirm
        </>
      }
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      data-autofocus={autoFocus || undefined}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      onPaste={(event) => event.preventDefault()}
    />
  );
}
