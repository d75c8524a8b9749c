import { messageOf } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";

const logger = roomLogger("process");

const SHELL = "/bin/sh";

/**
 * Reads `+ PID` and `- PID`. When there is nothing more to read, its supervisor is
 * gone without having said `quit`: it gives the processes so many seconds to leave,
 * then ends those that are still there. A process id that has become another's is
 * told by its command line, where the system shows it.
 */
const SCRIPT = `
trap '' INT TERM HUP
pids=
while read -r op pid; do
  case $op in
    +) pids="$pids $pid" ;;
    -) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
    quit) exit 0 ;;
  esac
done
ours() {
  kill -0 "$1" 2>/dev/null || return 1
  [ -r "/proc/$1/cmdline" ] || return 0
  tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q -e --supervised
}
left=$1
while [ "$left" -gt 0 ]; do
  some=
  for p in $pids; do ours "$p" && some=1; done
  [ -z "$some" ] && exit 0
  sleep 1
  left=$((left - 1))
done
for p in $pids; do ours "$p" && kill -9 "$p"; done
`;

/**
 * Sees to it that no child outlives its supervisor for long. A child notices by
 * itself that its supervisor is gone, unless its handler blocks the event loop: for
 * that there is this small process, which a SIGKILL to the supervisor leaves alone.
 */
export class Guard implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
  }

  /**
   * Starts a guard.
   *
   * @param grace Milliseconds that children have after the supervisor's end.
   * @returns The guard; `undefined` where there is no shell, or none may be run.
   */
  static start(grace: number): Guard | undefined {
    const run = Deno.permissions.querySync({ name: "run", command: SHELL });
    if (Deno.build.os === "windows" || run.state !== "granted") {
      logger.debug(
        "No guard: that needs {shell}, and to be allowed to run it",
        {
          shell: SHELL,
        },
      );
      return undefined;
    }
    try {
      return new Guard(spawn(String(Math.ceil(grace / 1000))));
    } catch (error) {
      logger.warn("No guard: {reason}", { reason: messageOf(error) });
      return undefined;
    }
  }

  /** A child was started. Resolves, never rejects, when the guard was told. */
  async add(pid: number): Promise<void> {
    await this.#write(`+ ${pid}\n`);
  }

  /** A child has ended. Resolves, never rejects, when the guard was told. */
  async remove(pid: number): Promise<void> {
    await this.#write(`- ${pid}\n`);
  }

  /** All children have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#write("quit\n");
    // It may have been ended by somebody: then there is nothing to close.
    await this.#writer.close().catch(() => {});
    await this.#process.status;
  }

  async #write(line: string): Promise<void> {
    // A guard that somebody has ended guards nothing; the rest goes on.
    await this.#writer.write(this.#encoder.encode(line)).catch(() => {});
  }
}

function spawn(grace: string): Deno.ChildProcess {
  return new Deno.Command(SHELL, {
    args: ["-c", SCRIPT, "guard", grace],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}
