/** Where systems keep the library that gives a process another time of day. */
const PLACES = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/faketime/libfaketime.so.1",
  "/usr/local/lib/faketime/libfaketime.so.1",
];

/** The library; `undefined` where it is not installed (`apt-get install faketime`). */
export const FAKE_TIME_LIBRARY: string | undefined = PLACES.find(exists);

/**
 * The time of day of one process, which can be set while it runs. What measures
 * durations, the monotonic clock, stays as it is: so it is when a machine's clock is set.
 */
export class FakeTime {
  readonly #path: string;

  /** @param path A file that the process reads its time from; it is written. */
  constructor(path: string) {
    this.#path = path;
    this.set(0);
  }

  /** The variables with which the process is to be started. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: FAKE_TIME_LIBRARY ?? "",
      FAKETIME_TIMESTAMP_FILE: this.#path,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    };
  }

  /** Sets it so many seconds ahead of the system's, or behind it. */
  set(seconds: number): void {
    const sign = seconds < 0 ? "-" : "+";
    Deno.writeTextFileSync(this.#path, `${sign}${Math.abs(seconds)}\n`);
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // Not here, or not for us to see.
    return false;
  }
}
