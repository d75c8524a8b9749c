import { parseAddress } from "../base/address.ts";
import { LinkClosedError, ProtocolError } from "../base/errors.ts";
import type { ClusterReport } from "../observe/report.ts";
import { dialPeer } from "../peer/dial_peer.ts";
import { LineConnection } from "./line_connection.ts";
import { decodeRegisterMessage } from "./register_decoder.ts";
import { encodeRegisterMessage } from "./register_message.ts";
import { NodeProof } from "./register_proof.ts";
import type { Trust } from "../peer/trust.ts";

/** Longest answer, in bytes: thousands of nodes. */
const MAX_STATUS = 67_108_864;

const QUESTION = { event: "status" } as const;

/** Options for {@linkcode askRegister}. */
export interface AskRegisterOptions {
  /** Where the Register is, `host:port`. */
  readonly register: string;
  /** What is believed and shown. */
  readonly trust: Trust;
  /**
   * Most milliseconds that the answer may take.
   *
   * @default {5_000}
   */
  readonly timeout?: number;
}

/**
 * Asks a Register how the cluster is.
 *
 * @throws {LinkClosedError} If it does not answer, or refuses to.
 * @throws {ProtocolError} If it is no Register.
 */
export async function askRegister(
  { register, trust, timeout = 5_000 }: AskRegisterOptions,
): Promise<ClusterReport> {
  const address = parseAddress(register);
  const { secretKeys } = trust;
  const proof = secretKeys.length > 0 ? new NodeProof(secretKeys) : undefined;
  const signal = AbortSignal.timeout(timeout);
  const conn = await dialPeer(address, trust, signal);
  await using connection = new LineConnection(conn, MAX_STATUS);
  const end = () => connection.destroy();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    connection.send(encodeRegisterMessage(proof?.hello() ?? QUESTION));
    let isTrusted = proof === undefined;
    for await (const line of connection.lines()) {
      const message = decodeRegisterMessage(line);
      const signed = message.event === "challenge"
        ? proof?.sign(message, JSON.stringify(QUESTION))
        : undefined;
      if (signed !== undefined) connection.send(encodeRegisterMessage(signed));
      else if (message.event === "welcome") {
        isTrusted ||= proof?.isProved(message.proof) === true;
      } else if (message.event === "status_reply" && isTrusted) {
        return message.status;
      } else throw noAnswer(register);
    }
  } finally {
    signal.removeEventListener("abort", end);
  }
  throw new LinkClosedError(
    signal.aborted
      ? `Cannot ask Register "${register}": no answer within ${timeout} ms`
      : `Cannot ask Register "${register}": it closed the link; the usual causes are a different secret key, or a Register that knows no status`,
  );
}

function noAnswer(register: string): ProtocolError {
  return new ProtocolError(
    `Cannot ask Register "${register}": it does not know the question, or our secret key`,
  );
}
