import { roomLogger } from "../../observe/logger.ts";
import type { Say, Supervisor } from "../../process/supervisor.ts";
import { ChildError } from "../../process/supervisor.ts";

const logger = roomLogger("cli");

/** Most milliseconds that a child may take to read its files. */
const TIMEOUT = 5_000;

const DONE = "Read the secret keys and certificates again";

/** Lets a role read its keys and certificates again, and says so. */
export async function renewTrust(
  role: { renewTrust(): Promise<void> },
  say: Say,
): Promise<void> {
  await role.renewTrust();
  logger.info(DONE);
  say(DONE);
}

/**
 * Lets all children read their keys and certificates again.
 *
 * @throws {ChildError} If one could not: it goes on with what it had.
 */
export async function renewAll(
  supervisor: Supervisor,
  say: Say,
): Promise<void> {
  const states = await supervisor.ask({ about: "trust" }, TIMEOUT);
  for (const { name, answer } of states) {
    const failure = failureOf(answer);
    if (failure !== undefined) throw new ChildError(`${failure} (${name})`);
  }
  logger.info(DONE);
  say(DONE);
}

function failureOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null) {
    return "Cannot renew keys and certificates: no answer";
  }
  return "failure" in answer ? String(answer.failure) : undefined;
}
