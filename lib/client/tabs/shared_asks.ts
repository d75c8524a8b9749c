import type { Frame } from "../session.ts";

/** How many asks of the gateway are kept: of one before, the last word of a tab counts. */
const MAX_ASKS = 256;

/** What becomes of a tab's answer to an ask: it is sent, as its first or not, or is not. */
export type Verdict = "first" | "send" | "drop";

/**
 * Which tab answers what the gateway asks: all are told, the first that says anything
 * has it. That it has no answerer counts once no tab has. Pure.
 */
export class SharedAsks {
  readonly #asks = new Map<string, { owner?: string; deaf: Set<string> }>();

  /** The gateway asks, or takes an ask back. */
  onAsked(frame: Frame): void {
    const id = askOf(frame, "q");
    if (id !== undefined) this.#add(id);
    const ended = askOf(frame, "k");
    if (ended !== undefined) this.#asks.delete(ended);
  }

  /**
   * A tab says something to an ask.
   *
   * @param id The ask.
   * @param others How many tabs there are beside this one.
   */
  onAnswer(
    id: string,
    tab: string,
    frame: string,
    others: Iterable<string>,
  ): Verdict {
    const ask = this.#asks.get(id) ?? this.#add(id);
    if (ask.owner === undefined && /^e\S+ unknown\n/.test(frame)) {
      ask.deaf.add(tab);
      for (const other of others) if (!ask.deaf.has(other)) return "drop";
    }
    const isFirst = ask.owner === undefined;
    ask.owner ??= tab;
    if (ask.owner !== tab) return "drop";
    return isFirst ? "first" : "send";
  }

  /** The session has ended, and with it all that was asked. */
  clear(): void {
    this.#asks.clear();
  }

  #add(id: string): { owner?: string; deaf: Set<string> } {
    const ask = { deaf: new Set<string>() };
    this.#asks.set(id, ask);
    for (const oldest of this.#asks.keys()) {
      if (this.#asks.size <= MAX_ASKS) break;
      this.#asks.delete(oldest);
    }
    return ask;
  }
}

/** The id of an ask in a frame that begins with one of these letters. */
export function askOf(frame: Frame, letters: string): string | undefined {
  if (typeof frame !== "string") return undefined;
  const [, letter = "", id] = /^(.)(\.[\w-]+)/.exec(frame) ?? [];
  return letters.includes(letter) ? id : undefined;
}
