/** Calls those who listen. What they throw is nobody's but theirs. */
export class Emitter<Events> {
  readonly #listeners: {
    [Name in keyof Events]?: Set<Listener<Events[Name]>>;
  } = {};

  /** Adds a listener; returns what removes it. */
  on<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
  ): () => void {
    const listeners = this.#listeners[name] ??= new Set();
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Calls all listeners, in the order they came; an error of one surfaces as uncaught. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners[name] ?? []) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

type Listener<Event> = (event: Event) => void;
