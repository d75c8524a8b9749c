/**
 * What is so: who has how many tabs open, as whoever opens and closes them knows. Pure:
 * no socket, no clock.
 *
 * @module
 */

/** Milliseconds by which a leave may be told earlier than its grace is over, and later. */
const EARLY = 300;
export const LATE = 1_500;

/** What a state is: anything small. */
export type State = Readonly<Record<string, unknown>>;

/** A user, with all tabs of it. */
export class TrueUser {
  /** Tabs that a handler has let in, and that are open. */
  tabs = 0;
  /** When one of them was gone last. */
  #lastGone = 0;
  /** When the last of them was gone; before the first one came, `undefined`. */
  #goneAt: number | undefined;
  /** Since when whoever answers for its groups waits for it. */
  #waitedSince = 0;
  /** What it has said of itself last. */
  state: State | undefined;
  /** How often it came, and left. */
  joins = 0;
  leaves = 0;
  /** Whether it came back when its grace was about to be over: both are right. */
  isUncertain = false;

  /**
   * @param uid Who it is.
   * @param room The group that it is in.
   * @param grace Milliseconds for which who has gone is still there.
   * @param late Says by how many milliseconds the truth may be found out late, just now.
   */
  constructor(
    readonly uid: string,
    readonly room: string,
    readonly grace: number,
    readonly late: () => number = () => 0,
  ) {}

  /** A tab was let in. */
  onIn(now: number): void {
    if (this.tabs++ > 0) return;
    if (this.#goneAt === undefined) this.joins++;
    else this.#onAgain(now - this.#goneAt, now - this.#waitedSince);
  }

  /** A tab that had been let in is gone. */
  onGone(now: number): void {
    this.#lastGone = Math.max(this.#lastGone, now);
    if (--this.tabs > 0) return;
    this.#goneAt = this.#waitedSince = this.#lastGone;
  }

  /** Another worker may answer for its groups: who is waited for is waited for anew. */
  onTakeover(now: number): void {
    if (this.isThere(now) !== false) this.#waitedSince = now;
  }

  /** Whether it must be there, or must not; `undefined` if both are right just now. */
  isThere(now: number): boolean | undefined {
    if (this.tabs > 0) return true;
    if (this.#goneAt === undefined) return false;
    const gap = now - this.#goneAt;
    if (gap < this.#earliest) return true;
    return now - this.#waitedSince > this.#latest ? false : undefined;
  }

  /** Nothing happens any more, and its grace is over if it has gone. */
  end(): void {
    if (this.tabs === 0 && this.#goneAt !== undefined) this.#leave();
    this.#goneAt = undefined;
  }

  get #earliest(): number {
    return this.grace - EARLY - this.late();
  }

  get #latest(): number {
    return this.grace + LATE + this.late();
  }

  #onAgain(gap: number, waited: number): void {
    if (gap < this.#earliest) return;
    if (waited <= this.#latest) this.isUncertain = true;
    this.#leave();
    this.joins++;
  }

  #leave(): void {
    this.leaves++;
    this.state = undefined;
  }
}
