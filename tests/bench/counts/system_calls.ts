import { messageOf } from "../../../lib/base/errors.ts";
import { UnavailableError } from "../load/peer_folder.ts";

/** Longest wait for strace to attach or to leave, in milliseconds. */
const PATIENCE = 10_000;

/** What a process asked of the system. */
export interface SystemCalls {
  /** Calls that sent on a socket, or tried to. */
  readonly sends: number;
  /** Calls that received from a socket, or tried to. */
  readonly receives: number;
  /** Calls that waited for sockets and timers. */
  readonly waits: number;
  /** All others: of the runtime's threads, for memory, for files. */
  readonly others: number;
  /** Bytes sent on sockets. */
  readonly sent: number;
  /** Bytes received from sockets. */
  readonly received: number;
}

const SENDS = ["sendto", "sendmsg", "writev"];
const RECEIVES = ["recvfrom", "recvmsg", "readv"];
const WAITS = ["epoll_wait", "epoll_pwait", "epoll_pwait2"];

/**
 * Counts the calls in what `strace -f -s 0` prints. Those of other threads come between
 * the beginning and the end of a call: only ends are counted.
 */
export function countSystemCalls(trace: string): SystemCalls {
  const counts = { sends: 0, receives: 0, waits: 0, others: 0 };
  const bytes = { sends: 0, receives: 0, waits: 0, others: 0 };
  for (const [, name = "", result] of trace.matchAll(ENDED_CALL)) {
    const kind = kindOf(name);
    counts[kind]++;
    bytes[kind] += Math.max(Number(result), 0);
  }
  return { ...counts, sent: bytes.sends, received: bytes.receives };
}

/** `PID name(…) = result`, or `PID <... name resumed>…) = result`. */
const ENDED_CALL =
  /^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>).*\) += (-?\d+|\?)/gm;

function kindOf(name: string): "sends" | "receives" | "waits" | "others" {
  if (SENDS.includes(name)) return "sends";
  if (RECEIVES.includes(name)) return "receives";
  return WAITS.includes(name) ? "waits" : "others";
}

/** Watches what a process asks of the system, with strace, which slows it down. */
export class SystemCallTrace {
  readonly #strace: Deno.ChildProcess;
  readonly #said: Promise<string>;
  readonly #file: string;

  private constructor(
    strace: Deno.ChildProcess,
    said: Promise<string>,
    file: string,
  ) {
    this.#strace = strace;
    this.#said = said;
    this.#file = file;
  }

  /**
   * Attaches to a process, all its threads included.
   *
   * @throws {UnavailableError} If there is no strace, or it may not attach.
   */
  static async start(pid: number): Promise<SystemCallTrace> {
    const file = await Deno.makeTempFile({ suffix: ".strace" });
    const quiet = ["-s", "0", "-e", "signal=none"];
    const strace = spawn(["-f", ...quiet, "-o", file, "-p", String(pid)]);
    const attached = Promise.withResolvers<void>();
    const said = readAll(strace.stderr, (text) => {
      if (text.includes("attached")) attached.resolve();
    });
    const ended = said.then((text) => {
      throw new UnavailableError(`Cannot count system calls: ${text.trim()}`);
    });
    const timer = setTimeout(() => endNow(strace), PATIENCE);
    await Promise.race([attached.promise, ended]).finally(() =>
      clearTimeout(timer)
    );
    ended.catch(() => {});
    return new SystemCallTrace(strace, said, file);
  }

  /** Lets the process go; returns what it asked for meanwhile. */
  async stop(): Promise<SystemCalls> {
    this.#strace.kill("SIGINT");
    const timer = setTimeout(() => endNow(this.#strace), PATIENCE);
    await this.#strace.status;
    clearTimeout(timer);
    await this.#said;
    const trace = await Deno.readTextFile(this.#file);
    await Deno.remove(this.#file);
    return countSystemCalls(trace);
  }
}

function spawn(args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command("strace", {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new UnavailableError(
      `Cannot count system calls without strace: ${messageOf(error)}`,
    );
  }
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    onText(text);
  }
  return text;
}

function endNow(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
