import type { RegisterClient } from "./register_client.ts";

/** What is usually wrong when there is no link to a Register. */
const CAUSES = {
  unreachable:
    "the usual causes are a wrong --register, a Register that does not run, and one that listens on another address (127.0.0.1 is reachable from its own machine only)",
  refused: "the usual cause is a secret key that differs",
  lost: "it was there and is not now",
} as const;

/**
 * Says why no Register is joined, what was tried and what usually causes it.
 *
 * @param client The role's conversation with the Registers.
 * @param what What the role is.
 * @returns A sentence; `undefined` if a Register is joined.
 */
export function registerProblem(
  client: RegisterClient,
  what: string,
): string | undefined {
  const registers = client.registers();
  if (registers.some(({ joined }) => joined)) return undefined;
  const tried = registers.map(({ address }) => {
    const loss = client.losses.get(address);
    return loss === undefined
      ? `${address}: no answer yet`
      : `${address}: ${loss.reason}; ${CAUSES[loss.type]}`;
  });
  return `this ${what} is in no Register's list (tried ${tried.join("; ")})`;
}
