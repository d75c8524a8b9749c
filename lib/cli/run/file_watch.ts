import { dirname } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { pause } from "../../base/pause.ts";
import { roomLogger } from "../../observe/logger.ts";

const logger = roomLogger("cli");

/** How long nothing must happen before a change counts as done, in milliseconds. */
const QUIET_TIME = 100;

/** How long after a failure the files are looked at again, in milliseconds. */
const RETRY_DELAY = 1_000;

/** Files by their paths: when they were written, and how long they are. */
export type FileState = ReadonlyMap<string, string>;

/** What is watched, and what is done. */
export interface FileWatchOptions {
  /** How the files are that are in use: what differs from it has changed. */
  readonly used: FileState;
  /** Finds the files that are in use after a change. */
  files(): Promise<readonly string[]>;
  /** Some of them have changed; the next change is looked for when this is done. */
  onChange(changed: readonly string[]): Promise<void>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Watches files until it is told to end. Editors put new files in the place of old ones,
 * so it is folders that are watched, and the files in them that are compared.
 */
export async function watchFiles(options: FileWatchOptions): Promise<void> {
  const { used, files, onChange, signal } = options;
  let seen = used;
  while (!signal.aborted) {
    try {
      const changed = await nextChange(seen, signal);
      if (signal.aborted) return;
      if (changed.length === 0) continue;
      seen = stateOf(seen.keys());
      await onChange(changed);
      // What changed meanwhile differs from what was seen, and is the next change.
      seen = new Map([...stateOf(await files()), ...seen]);
    } catch (error) {
      logger.warn("Cannot watch the handler's files: {reason}", {
        reason: messageOf(error),
      });
      await pause(RETRY_DELAY, signal);
    }
  }
}

/**
 * Resolves with the files that differ from what was seen; with none if it was aborted, or
 * other folders are to be watched, since one of them came or went.
 */
async function nextChange(
  seen: FileState,
  signal: AbortSignal,
): Promise<string[]> {
  const folders = foldersOf(seen.keys());
  const watcher = Deno.watchFs([...folders], { recursive: false });
  let changed: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    changed = differences(seen, stateOf(seen.keys()));
    const isElsewhere =
      foldersOf(seen.keys()).symmetricDifference(folders).size > 0;
    if (changed.length > 0 || isElsewhere) watcher.close();
  };
  const lookSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, QUIET_TIME);
  };
  const end = () => watcher.close();
  signal.addEventListener("abort", end);
  try {
    // What changed before it was watched raised no event.
    lookSoon();
    for await (const _ of watcher) lookSoon();
    return changed;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

/** Where files are, or the folders that theirs would come into: none may be missing. */
function foldersOf(paths: Iterable<string>): Set<string> {
  return new Set(Array.from(paths, (path) => existing(dirname(path))));
}

function existing(folder: string): string {
  const parent = dirname(folder);
  return markOf(folder) !== "" || parent === folder ? folder : existing(parent);
}

/** Looks at files; one that is not there is the empty text. */
export function stateOf(paths: Iterable<string>): FileState {
  return new Map(Array.from(paths, (path) => [path, markOf(path)]));
}

function markOf(path: string): string {
  try {
    const { mtime, size, ino } = Deno.statSync(path);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch {
    // It is gone, or somebody is about to put another in its place.
    return "";
  }
}

/** The files that differ; one that is gone will come back, and differ then. */
function differences(
  before: FileState,
  after: FileState,
): string[] {
  return [...after].filter(([path, mark]) =>
    mark !== "" && mark !== before.get(path)
  ).map(([path]) => path);
}
