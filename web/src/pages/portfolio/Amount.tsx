import { exactWords, signOf } from "../../lib/exact";
import panels from "../../panels/panels.module.css";

/** A profit or a loss, exact, with its sign and colour. */
export function Amount({ value }: { value: string | null }) {
  const sign = signOf(value);
  const shown = exactWords(value);
  if (sign === null || sign === 0) return <>{shown}</>;
  return sign > 0 ? (
    <span className={panels.gain}>+{shown}</span>
  ) : (
    <span className={panels.cost}>{shown}</span>
  );
}
