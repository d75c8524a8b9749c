import { now } from "../base/clock.ts";
import process from "node:process";
import { VERSION } from "../base/version.ts";
import type { ProcessFigures } from "./report.ts";

/** How often the event loop is looked at, in milliseconds. */
const LOOK_INTERVAL = 250;

/** Looks after which figures are made anew. */
const LOOKS_PER_TICK = 4;

/** Measures what this process uses, as long as it is not disposed. */
export class ProcessMeter implements Disposable {
  readonly #onTick: (seconds: number) => void;
  readonly #started = now();
  readonly #timer: ReturnType<typeof setInterval>;
  #looks = 0;
  #lookedAt = now();
  #tickedAt = now();
  #cpuTime = cpuTime();
  #cpu = 0;
  #lag = 0;
  #peak = 0;

  /** @param onTick Called about once a second with the seconds since the last call. */
  constructor(onTick: (seconds: number) => void = () => {}) {
    this.#onTick = onTick;
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL);
  }

  /** Returns the figures of now. */
  figures(): ProcessFigures {
    return {
      pid: Deno.pid,
      uptime: Math.round((now() - this.#started) / 100) / 10,
      version: VERSION,
      memory: Deno.memoryUsage().rss,
      cpu: Math.round(this.#cpu * 1000) / 1000,
      lag: Math.round(Math.max(this.#lag, this.#peak) * 10) / 10,
    };
  }

  /** Measures no longer. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const time = now();
    const late = time - this.#lookedAt - LOOK_INTERVAL;
    this.#lookedAt = time;
    this.#peak = Math.max(this.#peak, late);
    if (++this.#looks % LOOKS_PER_TICK === 0) this.#tick(time);
  }

  #tick(now: number): void {
    const seconds = (now - this.#tickedAt) / 1000;
    const used = cpuTime();
    this.#cpu = (used - this.#cpuTime) / 1e6 / seconds;
    this.#cpuTime = used;
    this.#tickedAt = now;
    this.#lag = this.#peak;
    this.#peak = 0;
    this.#onTick(seconds);
  }
}

/** Microseconds that this process has used. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
