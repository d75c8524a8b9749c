import {
  Responsibility,
  type WatchedNames,
  type WatchingWorker,
} from "../../wire/bodies/presence_view.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

/** The workers that answer for names, and, as they come and go, what moves between them. */
export class Answerers {
  #choice = new Responsibility([]);
  /** What was chosen since all was settled, with what was chosen then. */
  #choices = [this.#choice];
  #byInstance = new Map<string, WorkerLink>();
  /** Workers that names were taken from since then, of which this gateway may not know yet. */
  readonly #losers = new Set<WorkerLink>();
  /** Those that have let go of what the latest choice gives to others. */
  readonly #released = new Set<WorkerLink>();
  /** Whether names are on their way. */
  isMoving = false;
  /** Counts the choices. */
  view = 0;

  /**
   * Chooses among others: names begin to move.
   *
   * @param watches What each worker watches that may answer.
   * @returns These workers.
   */
  choose(watches: ReadonlyMap<WorkerLink, WatchedNames>): WatchingWorker[] {
    this.#findLosers([...watches.keys()]);
    const workers = Array.from(watches, ([{ link }, { groups, uids }]) => ({
      instance: link.peer.instance,
      groups,
      uids,
    }));
    this.#byInstance = new Map(
      Array.from(watches.keys(), (each) => [each.link.peer.instance, each]),
    );
    this.#choice = new Responsibility(workers);
    this.#choices.push(this.#choice);
    this.#released.clear();
    this.isMoving = true;
    this.view++;
    return workers;
  }

  /** A worker has let go of what a view gives to others. */
  release(link: WorkerLink, view: number): void {
    if (view === this.view) this.#released.add(link);
  }

  /** Whether nobody has a name any more that was given to another. */
  get isReleased(): boolean {
    return this.#losers.values().every((each) =>
      !each.link.isOpen || this.#released.has(each)
    );
  }

  /** All that moved has arrived. */
  settle(): void {
    this.isMoving = false;
    this.#losers.clear();
    this.#choices = [this.#choice];
  }

  /** Who answers for a name; `undefined` if nobody watches it. */
  of(name: string): WorkerLink | undefined {
    return this.#byInstance.get(this.#choice.of(name) ?? "");
  }

  /** Whether a name is on its way: a worker that keeps one knows all of it. */
  moves(name: string): boolean {
    const home = this.#choice.of(name);
    return this.#choices.some((each) => each.of(name) !== home);
  }

  /** One that is new takes names from all others; one that goes, from nobody but itself. */
  #findLosers(links: readonly WorkerLink[]): void {
    const old = [...this.#byInstance.values()];
    const isAnyNew = links.some((link) => !old.includes(link));
    for (const link of old) {
      if (isAnyNew || !links.includes(link)) this.#losers.add(link);
    }
  }
}
