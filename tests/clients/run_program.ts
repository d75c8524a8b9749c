/** One line that a program printed. */
export interface Step {
  /** `open`, `message`, `echo`, `closed` or `error`. */
  readonly step: string;
  /** Bytes of a message. */
  readonly size?: number;
  /** What an echo was sent as: `text` or `binary`. */
  readonly kind?: string;
  /** Whether an echo came back as it was sent. */
  readonly same?: boolean;
  /** The close code that the library told. */
  readonly code?: number;
  /** The HTTP status that the library told. */
  readonly status?: number;
  /** What the library said. */
  readonly text?: string;
}

/** What a program did. */
export interface Outcome {
  /** Its lines, in order. */
  readonly steps: readonly Step[];
  /** Whether it had to be ended. */
  readonly isLate: boolean;
  /** What else it printed. */
  readonly noise: string;
}

/** Where programs run, and with what. */
export interface ProgramPlace {
  /** The folder that it runs in. */
  readonly cwd: string;
  /** Milliseconds after which it is ended. */
  readonly time: number;
  /** When this comes it is ended earlier. */
  readonly until?: Promise<unknown>;
}

function stepIn(line: string): Step | undefined {
  try {
    const step = JSON.parse(line);
    return typeof step?.step === "string" ? step : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs a program of `programs/` to its end.
 *
 * @param command What the shell runs; arguments follow it.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, time, until }: ProgramPlace,
): Promise<Outcome> {
  const child = new Deno.Command("setsid", {
    args: ["sh", "-c", `exec ${command} "$@"`, "sh", ...args],
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child.pid);
  }, time);
  until?.then(() => endGroup(child.pid), () => {});
  const { stdout, stderr } = await child.output();
  clearTimeout(timer);
  // A browser leaves others behind.
  endGroup(child.pid);
  const lines = new TextDecoder().decode(stdout).split("\n");
  const steps = lines.map(stepIn);
  const noise = lines.filter((_, index) => steps[index] === undefined);
  return {
    steps: steps.filter((step) => step !== undefined),
    isLate,
    noise: [...noise, new TextDecoder().decode(stderr)].join("\n").trim(),
  };
}

/** Ends a program and what it started. */
function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    // It ended first.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
