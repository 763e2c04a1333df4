/** Which account the page looks at; null while nobody has said so. */

type Listener = () => void;

class Accounts {
  #chosen: string | null = null;
  readonly #listeners = new Set<Listener>();

  readonly chosen = (): string | null => this.#chosen;

  choose(name: string | null): void {
    if (name === this.#chosen) return;
    this.#chosen = name;
    for (const told of this.#listeners) told();
  }

  readonly subscribe = (told: Listener): (() => void) => {
    this.#listeners.add(told);
    return () => this.#listeners.delete(told);
  };
}

export const accounts = new Accounts();
