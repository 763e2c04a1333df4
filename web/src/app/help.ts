/** Whether the help is open; anything may open it. */

type Listener = () => void;

let shown = false;
const listeners = new Set<Listener>();

export function helpShown(): boolean {
  return shown;
}

export function showHelp(wanted: boolean): void {
  shown = wanted;
  for (const told of listeners) told();
}

export function openHelp(): void {
  showHelp(true);
}

export function subscribeToHelp(told: Listener): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}
