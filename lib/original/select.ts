import { ProtocolError } from "../base/errors.ts";
import { PhpCommand } from "../php/packet.ts";
import type { PhpArray, PhpValue } from "../php/php_value.ts";
import { bytesOf } from "../php/text.ts";
import type { CommandLine } from "./command_line.ts";

const encoder = new TextEncoder();

/** Which clients of a gateway: the first that is given; all if none is. */
export interface Where {
  /** These. */
  readonly connections?: readonly number[] | undefined;
  /** Those bound to one of these. */
  readonly uids?: readonly string[] | undefined;
  /** The members of these. */
  readonly groups?: readonly string[] | undefined;
}

/** What can be asked of a client. */
export type SelectField = "uid" | "groups" | "session";

/** A client, as far as was asked. */
export interface SelectedClient {
  /** Its number at the gateway. */
  readonly id: number;
  /** The uid that it is bound to. */
  readonly uid: string | undefined;
  /** The groups that it is in. */
  readonly groups: readonly string[];
  /** Its session as it is stored; no bytes for none. */
  readonly session: Uint8Array;
}

/**
 * Asks a gateway of the original for clients, each once.
 *
 * @param line Where it is asked.
 * @param where Which.
 * @param fields What of them; the uid is asked for in any case, or of all it would
 * answer nothing.
 * @throws {ProtocolError} If it answers something else.
 */
export async function select(
  line: CommandLine,
  where: Where,
  fields: readonly SelectField[] = [],
): Promise<SelectedClient[]> {
  const request = {
    fields: [...new Set([...fields, "uid"])],
    where: conditionOf(where),
  };
  const extra = encoder.encode(JSON.stringify(request));
  const reply = await line.ask({ command: PhpCommand.Select, extra });
  return [...arrayIn(reply)].map(([id, row]) => {
    const facts = arrayIn(row);
    return {
      id: Number(id),
      uid: textIn(facts.get("uid")),
      groups: [...arrayIn(facts.get("groups") ?? new Map()).keys()],
      session: bytesOf(textIn(facts.get("session")) ?? ""),
    };
  });
}

/** Takes a part of a reply that must be an array. */
export function arrayIn(value: PhpValue | undefined): PhpArray {
  if (value instanceof Map) return value;
  throw new ProtocolError(
    `Cannot read what a gateway of the original answers as it must be an array: found a ${typeof value}`,
  );
}

/** Takes a part of a reply that must be a number. */
export function numberIn(value: PhpValue): number {
  if (typeof value === "number") return value;
  throw new ProtocolError(
    `Cannot read what a gateway of the original answers as it must be a number: found a ${typeof value}`,
  );
}

function textIn(value: PhpValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function conditionOf({ connections, uids, groups }: Where) {
  if (connections !== undefined) return { "connection_id": connections };
  if (uids !== undefined) return { uid: uids };
  return groups === undefined ? [] : { groups };
}
