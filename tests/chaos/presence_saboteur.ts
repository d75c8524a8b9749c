import type { Sabotage } from "./link_frames.ts";
import type { ToldToJudge } from "./presence_checks.ts";

/** Changes that it lets pass before. */
const PATIENCE = 20;

/** Spoils one of the changes that are told, so that a checker must find it. */
export class PresenceSaboteur {
  #told = 0;
  #held: ToldToJudge | undefined;

  constructor(readonly sabotage: Sabotage) {}

  /** What is heard in place of a change. */
  spoil(told: ToldToJudge): ToldToJudge[] {
    const isIts = ++this.#told === PATIENCE;
    if (isIts && this.sabotage === "drop") return [];
    if (isIts && this.sabotage === "duplicate") {
      return [told, { ...told, redelivered: false }];
    }
    if (isIts && this.sabotage === "swap") {
      this.#held = told;
      return [];
    }
    const held = this.#held;
    const isNext = held?.uid === told.uid && held.group === told.group;
    if (held === undefined || !isNext) return [told];
    this.#held = undefined;
    return [told, held];
  }
}
