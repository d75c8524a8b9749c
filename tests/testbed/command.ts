/** A command of the system did not do what it was asked. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/**
 * Runs a command of the system.
 *
 * @returns What it printed.
 * @throws {CommandError} If there is no such command, or it failed.
 */
export async function command(
  program: string,
  ...args: string[]
): Promise<string> {
  const { success, stdout, stderr } = await output(program, args);
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new CommandError(
    `Cannot run "${program} ${args.join(" ")}": ${
      decoder.decode(stderr).trim()
    }`,
  );
}

async function output(
  program: string,
  args: string[],
): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(program, { args, stdin: "null" }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CommandError(`Cannot run "${program}": it is not installed`, {
      cause: error,
    });
  }
}
