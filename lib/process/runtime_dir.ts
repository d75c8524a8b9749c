import { now } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { pause } from "../base/pause.ts";

/** Longest path that a socket can have on every system, in bytes. */
const MAX_SOCKET_PATH = 100;

/** How long others may have the folder to themselves, in milliseconds. */
const MAX_LOCKED = 5_000;

/** How often it is tried to lock the folder, in milliseconds. */
const LOCK_INTERVAL = 10;

/** The folder cannot be used, or what is in it does not allow what was asked. */
export class RuntimeDirError extends Error {
  override readonly name = "RuntimeDirError";
}

/**
 * The folder in which the processes of one user leave word of themselves: a socket
 * that takes orders, and a file with the process id, for each command that runs.
 */
export class RuntimeDir {
  /** Where it is. */
  readonly path: string;
  readonly #base: string | undefined;
  #isOurs = false;

  /**
   * @param path Where it is, or will be.
   * @param base A folder above it that is made, and is to be trusted, likewise.
   */
  constructor(path: string, base?: string) {
    this.path = path;
    this.#base = base;
  }

  /**
   * Makes the folder if it is not there.
   *
   * @throws {RuntimeDirError} If it cannot be made, or is open to others.
   */
  create(): void {
    if (this.#base !== undefined) makePrivate(this.#base);
    this.#isOurs = !this.#exists();
    makePrivate(this.path);
    this.#checkLength(this.socketPath(`start-${Deno.pid}`));
  }

  /** Removes the folder if it was made by us and nobody else uses it. */
  tidy(): void {
    if (!this.#isOurs) return;
    try {
      Deno.removeSync(this.path);
    } catch {
      // Somebody else has left word there: then it stays.
    }
  }

  /**
   * Does something that no other process may do meanwhile: to look whether a socket
   * is dead and remove it, or to make one.
   *
   * @throws {RuntimeDirError} If the folder is not there, or others do not let go of it.
   */
  async alone<Result>(act: () => Result | Promise<Result>): Promise<Result> {
    using folder = await this.#open();
    const start = now();
    while (!await folder.tryLock(true)) {
      if (now() - start > MAX_LOCKED) {
        throw new RuntimeDirError(
          `Cannot use runtime directory "${this.path}" as another process has locked it for ${MAX_LOCKED} ms`,
        );
      }
      await pause(LOCK_INTERVAL);
    }
    return await act();
  }

  /** Where the socket of a name is. */
  socketPath(name: string): string {
    return `${this.path}/${name}.sock`;
  }

  /** Where the file with the process id of a name is. */
  pidPath(name: string): string {
    return `${this.path}/${name}.pid`;
  }

  /** Names that have left word, dead ones among them. */
  names(): string[] {
    try {
      return Array.from(Deno.readDirSync(this.path), ({ name }) => name)
        .filter((name) => name.endsWith(".sock"))
        .map((name) => name.slice(0, -".sock".length))
        .sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw new RuntimeDirError(
        `Cannot read runtime directory "${this.path}": ${messageOf(error)}`,
      );
    }
  }

  /** The process id that a name has left; `undefined` if none. */
  pid(name: string): number | undefined {
    try {
      return Number(Deno.readTextFileSync(this.pidPath(name))) || undefined;
    } catch {
      // It has left meanwhile, or was never whole: nobody is there.
      return undefined;
    }
  }

  /** Removes what a name has left. */
  remove(name: string): void {
    for (const path of [this.socketPath(name), this.pidPath(name)]) {
      try {
        Deno.removeSync(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  async #open(): Promise<Deno.FsFile> {
    try {
      return await Deno.open(this.path);
    } catch (error) {
      throw new RuntimeDirError(
        `Cannot use runtime directory "${this.path}": ${messageOf(error)}`,
      );
    }
  }

  #exists(): boolean {
    try {
      Deno.statSync(this.path);
      return true;
    } catch {
      // Whatever else is wrong with it, making it will tell.
      return false;
    }
  }

  #checkLength(path: string): void {
    const { length } = new TextEncoder().encode(path);
    if (length <= MAX_SOCKET_PATH) return;
    throw new RuntimeDirError(
      `Cannot use runtime directory "${this.path}" as the paths of its sockets must be at most ${MAX_SOCKET_PATH} bytes: "${path}" has ${length}`,
    );
  }
}

function makePrivate(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new RuntimeDirError(
      `Cannot use runtime directory "${path}": ${messageOf(error)}`,
    );
  }
  const { uid, mode } = Deno.statSync(path);
  const isForeign = uid !== null && uid !== Deno.uid();
  const isOpen = mode !== null && (mode & 0o022) !== 0;
  if (Deno.build.os === "windows" || !isForeign && !isOpen) return;
  throw new RuntimeDirError(
    `Cannot use runtime directory "${path}" as only its user may write to it: whoever can would give orders to the cluster`,
  );
}
