import { endsWithin } from "../../lib/base/pause.ts";
import { Running } from "./running.ts";

/** Longest that one command may take, or take to be ready, in milliseconds. */
const PATIENCE = 120_000;

/** Longest that a command may take to end after Ctrl-C, in milliseconds. */
const GRACE = 30_000;

/** How a program ends by Ctrl-C that has nothing to put in order. */
const INTERRUPTED = 130;

/** Programs that have: they end well. */
const PUTS_IN_ORDER = /\bcli(?:\.ts)? |\bdeno task /;

/** How long a program that was told to stop may take to be gone, in milliseconds. */
const LAST_MOMENT = 300;

/** Commands that run until they are stopped, and what they say when they are ready. */
const LASTING: readonly (readonly [RegExp, RegExp])[] = [
  [/\bcli(?:\.ts)? .*--alone\b/, /^\w+ ready/m],
  [/\bcli(?:\.ts)? (?:start|worker|gateway)\b/, /\bAll ready\b/],
  [/\bcli(?:\.ts)? (?:register|api|bridge)\b/, /ready/i],
  [/\bdeno task (?:dev|start)\b/, /\bAll ready\b/],
  [/\bexamples\/\S*server\.(?:ts|js)/, /listening|open http/i],
  [/^node \S+\.m?js/, /listening/i],
  [/\blisten\.ts\b/, /^Hello/m],
  [/^nats-server\b/, /Server is ready/],
];

/**
 * What every command runs in: with what the earlier ones of the terminal have left,
 * their folder and their variables.
 */
const SHELL = `
set -a
[ -e "$GUIDE_STATE" ] && . "$GUIDE_STATE"
cd "$(cat "$GUIDE_FOLDER")" || exit
eval "$GUIDE_COMMAND"
code=$?
export -p | grep -v " GUIDE_" > "$GUIDE_STATE"
pwd > "$GUIDE_FOLDER"
exit $code
`;

/** A command of a page did not do what the page promises. */
export class GuideError extends Error {
  override readonly name = "GuideError";
}

/** Where a terminal is opened. */
export interface Place {
  /** Folder that it begins in. */
  readonly folder: string;
  /** Folder for what it remembers, which nobody else has. */
  readonly memory: string;
  /** Its network namespace; none for the machine's own network. */
  readonly namespace?: string | undefined;
}

/** A reader at one machine: as many terminals as are needed, and what was done there. */
export class Terminal implements AsyncDisposable {
  readonly #place: Place;
  readonly #lasting = new Set<Running>();

  private constructor(place: Place) {
    this.#place = place;
  }

  /** Opens one. */
  static async open(place: Place): Promise<Terminal> {
    await Deno.mkdir(`${place.memory}/run`, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(`${place.memory}/folder`, place.folder);
    return new Terminal(place);
  }

  /** Folder that its next command runs in. */
  get folder(): string {
    return Deno.readTextFileSync(`${this.#place.memory}/folder`).trim();
  }

  /**
   * Does what a reader does: runs the command, or leaves it running once it is ready.
   *
   * @param text The command.
   * @param network Whose network it is run in: that of the place, or the machine's own.
   * @throws {GuideError} If it fails, or does not end or become ready in time.
   */
  async run(
    text: string,
    network: "place" | "machine" = "place",
  ): Promise<void> {
    const running = new Running(this.#command(text, network), text);
    const ready = LASTING.find(([pattern]) => pattern.test(text))?.[1];
    const begun = ready && !text.includes("--help")
      ? Promise.race([running.hasSaid(ready), running.ended])
      : running.ended;
    if (!await endsWithin(begun, PATIENCE)) {
      running.signal("SIGKILL");
      throw new GuideError(`Still not done:\n${running.output}`);
    }
    if (ready?.test(running.output)) {
      this.#lasting.add(running);
      return await this.#takeAnother();
    }
    const code = await running.code();
    if (code === 0) return;
    throw new GuideError(`Exit code ${code}:\n${running.output}`);
  }

  /** Presses Ctrl-C wherever something runs, and goes on where the first of it ran. */
  async interrupt(): Promise<void> {
    const running = [...this.#lasting].reverse();
    this.#lasting.clear();
    if (running.length > 0) await this.#goBack();
    for (const each of running) {
      // What was told to stop may be about to end.
      if (!await endsWithin(each.ended, LAST_MOMENT)) each.signal("SIGINT");
      if (!await endsWithin(each.ended, GRACE)) {
        each.signal("SIGKILL");
        throw new GuideError(`"${each.text}" does not stop:\n${each.output}`);
      }
      const code = await each.code();
      const isExpected = code === 0 ||
        code === INTERRUPTED && !PUTS_IN_ORDER.test(each.text);
      if (isExpected) continue;
      throw new GuideError(
        `"${each.text}" ended with ${code}:\n${each.output}`,
      );
    }
  }

  /** Ends whatever still runs, at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#lasting) {
      each.signal("SIGKILL");
      await each.ended;
    }
  }

  /** Where something runs nobody can type: another terminal has none of its variables. */
  async #takeAnother(): Promise<void> {
    const { memory } = this.#place;
    if (await exists(`${memory}/first`)) await remove(`${memory}/state`);
    else if (await exists(`${memory}/state`)) {
      await Deno.rename(`${memory}/state`, `${memory}/first`);
    } else await Deno.writeTextFile(`${memory}/first`, "");
  }

  async #goBack(): Promise<void> {
    const { memory } = this.#place;
    await Deno.rename(`${memory}/first`, `${memory}/state`);
  }

  #command(text: string, network: "place" | "machine"): Deno.Command {
    const { memory, namespace } = this.#place;
    const enter = namespace === undefined || network === "machine"
      ? []
      : ["ip", "netns", "exec", namespace];
    const [program = "", ...args] = [...enter, "setsid", "bash", "-c", SHELL];
    return new Deno.Command(program, {
      args,
      env: {
        GUIDE_COMMAND: text,
        GUIDE_FOLDER: `${memory}/folder`,
        GUIDE_STATE: `${memory}/state`,
        XDG_RUNTIME_DIR: `${memory}/run`,
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function remove(path: string): Promise<void> {
  if (await exists(path)) await Deno.remove(path);
}
