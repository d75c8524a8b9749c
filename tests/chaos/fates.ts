import type { MarkRecord } from "./journal.ts";

/** What the driver said about workers and gateways so far. */
export class Fates {
  readonly #killed = new Set<string>();
  readonly #stopped = new Set<string>();
  readonly #lives = new Map<string, number>();
  readonly #disturbed = new Map<string, number>();

  /** Takes what the driver said. */
  take({ mark, target }: MarkRecord): void {
    const disturbances = this.#disturbed.get(target) ?? 0;
    switch (mark) {
      case "started":
        this.#lives.set(target, (this.#lives.get(target) ?? 0) + 1);
        return;
      case "killed":
        this.#killed.add(this.lifeOf(target));
        return;
      case "stopped":
        this.#stopped.add(this.lifeOf(target));
        return;
      case "disturbed":
        this.#disturbed.set(target, disturbances + 1);
        return;
      case "calm":
        this.#disturbed.set(target, disturbances - 1);
        return;
      default:
        mark satisfies never;
    }
  }

  /** Names the present one of all that follow each other at a place. */
  lifeOf(target: string): string {
    return `${target} ${this.#lives.get(target) ?? 0}`;
  }

  /** Whether that one, as {@linkcode Fates.lifeOf} named it, was killed. */
  isKilled(life: string): boolean {
    return this.#killed.has(life);
  }

  /** Whether that one was told to stop. */
  isStopped(life: string): boolean {
    return this.#stopped.has(life);
  }

  /** Everything that is disturbed now. */
  disturbed(): ReadonlySet<string> {
    const all = [...this.#disturbed].filter(([, count]) => count > 0);
    return new Set(all.map(([target]) => target));
  }

  /** Whether it is disturbed now. */
  isDisturbed(target: string): boolean {
    return (this.#disturbed.get(target) ?? 0) > 0;
  }

  /** Whether what a worker has in hand may be given to another one. */
  isLost(worker: number): boolean {
    const target = `w${worker}`;
    return this.isKilled(this.lifeOf(target)) || this.isDisturbed(target);
  }
}
