import { Phase, type PresenceRow } from "../../wire/bodies/presence_rows.ts";

/** What stands for a gateway; compared by identity. */
export type Source = object;

/** A join or a leave that a handler is to be told. */
export interface PresenceTask {
  /** Which of the two. */
  readonly type: "join" | "leave";
  /** Whose. */
  readonly uid: string;
  /** Counts the joins and leaves of the name. */
  readonly turn: number;
  /** The user's turn before. */
  readonly before: number;
  /** Whether a worker that is gone may have told it. */
  readonly isAgain: boolean;
  /** Whether the handler has been told. */
  isStarted: boolean;
  /** Whether it is not to be told, after all. */
  isCancelled: boolean;
}

/** What one gateway has of a user. */
export interface Part {
  /** The gateway. */
  readonly source: Source;
  /** Its clients there. */
  readonly tabs: number;
  /** Those of them that are not away. */
  readonly attached: number;
}

/** A user of a name, as the worker reckons it. */
export class Entry {
  /** Its uid. */
  readonly uid: string;
  /** What gateways have of it. */
  parts: readonly Part[] = [];
  /** Its clients. */
  tabs = 0;
  /** Those of them that are not away. */
  attached = 0;
  /** What handlers were told. */
  phase: Phase = Phase.Untold;
  /** Its latest join or leave, by the name's count of them; 0 if there was none. */
  turn = 0;
  /** What it says of itself, as JSON. */
  state = "";
  /** Counts its states. */
  edition = 0;
  /** Whether its last tab has left on purpose. */
  hasLeft = false;
  /** Whether it was counted as there. */
  isCounted = false;
  /** What a handler is told of it, or is to be. */
  task: PresenceTask | undefined;

  /** @param uid Its uid. */
  constructor(uid: string) {
    this.uid = uid;
  }

  /** Whether it is there, or waited for. */
  get isThere(): boolean {
    const { Joining, Joined } = Phase;
    return this.tabs > 0 || this.phase === Joining || this.phase === Joined;
  }

  /** Replaces what one gateway has of it. */
  setPart(source: Source, tabs: number, attached: number): void {
    const others = this.parts.filter((part) => part.source !== source);
    this.parts = tabs > 0 ? [...others, { source, tabs, attached }] : others;
    this.tabs = this.attached = 0;
    for (const part of this.parts) {
      this.tabs += part.tabs;
      this.attached += part.attached;
    }
  }

  /** Hears what another worker has told of it, unless it knows better. */
  hear({ phase, turn }: Pick<PresenceRow, "phase" | "turn">): void {
    if (this.task !== undefined || turn < this.turn) return;
    if (turn === this.turn && !isFurther(phase, this.phase)) return;
    this.phase = phase;
    this.turn = turn;
  }

  /** What gateways are told of it. */
  get row(): PresenceRow {
    const { uid, tabs, attached, phase, turn, state, edition } = this;
    const hasLeft = false;
    return { uid, tabs, attached, phase, turn, state, edition, hasLeft };
  }
}

/** Of one turn, the word that it was handled is the later one. */
function isFurther(phase: Phase, known: Phase): boolean {
  return known === Phase.Untold ||
    known === Phase.Joining && phase === Phase.Joined;
}
