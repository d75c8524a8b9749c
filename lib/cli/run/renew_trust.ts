import { roomLogger } from "../../observe/logger.ts";
import type { Say, Supervisor } from "../../process/supervisor.ts";
import { ChildError } from "../../process/supervisor.ts";

const logger = roomLogger("cli");

/** Most milliseconds that a child may take to read its files. */
const TIMEOUT = 5_000;

const DONE = "Read the secret keys and certificates again";

const MUTE =
  "{name} does not answer, and goes on with the keys and certificates that it has";

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
 * @throws {ChildError} If one could not: it goes on with what it had. One that does
 * not answer is only named.
 */
export async function renewAll(
  supervisor: Pick<Supervisor, "ask">,
  say: Say,
): Promise<void> {
  const states = await supervisor.ask({ about: "trust" }, TIMEOUT);
  for (const { name, answer } of states) {
    if (typeof answer !== "object" || answer === null) {
      // It may block or be stopped, and then be what others are to be spared.
      logger.warn(MUTE, { name });
      say(MUTE.replace("{name}", name));
    } else if ("failure" in answer) {
      throw new ChildError(`${answer.failure} (${name})`);
    }
  }
  logger.info(DONE);
  say(DONE);
}
