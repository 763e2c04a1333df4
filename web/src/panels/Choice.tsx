import { SegmentedControl } from "@mantine/core";
import styles from "./panels.module.css";

interface ChoiceProps<V extends string> {
  /** What is chosen, for those who hear it. */
  readonly label: string;
  readonly data: readonly { readonly value: V; readonly label: string }[];
  readonly value: V;
  readonly choose: (value: V) => void;
}

/** One of a few, side by side. */
export function Choice<V extends string>({ label, data, value, choose }: ChoiceProps<V>) {
  return (
    <SegmentedControl
      size="xs"
      aria-label={label}
      classNames={{ root: styles.choice, indicator: styles.chosen }}
      data={data.map((one) => ({ ...one }))}
      value={value}
      onChange={(chosen) => choose(chosen as V)}
    />
  );
}
