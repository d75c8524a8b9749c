import { PhpCommand, PhpFlag } from "../php/packet.ts";
import { decodeTarget, type Target } from "../wire/bodies/target.ts";
import { Flag } from "../wire/frame.ts";
import type { Call } from "./call.ts";
import type { CommandLine } from "./command_line.ts";
import { numberIn, select } from "./select.ts";

const encoder = new TextEncoder();

/**
 * Sends to clients. Where nothing is to be confirmed, it is one packet; otherwise a
 * question follows whose answer says how many there were to reach.
 */
export class SendCalls {
  readonly #line: CommandLine;

  /** @param line Where the gateway is told and asked. */
  constructor(line: CommandLine) {
    this.#line = line;
  }

  /** To one client. */
  toOne({ connectionId, id, flags, payload }: Call): unknown {
    this.#line.send({
      command: PhpCommand.SendToOne,
      connectionId,
      flags: flagsOf(flags),
      body: payload,
    });
    if (id === 0) return undefined;
    return this.#line.ask({ command: PhpCommand.IsOnline, connectionId });
  }

  /** To everybody, or to listed clients. */
  toAll(call: Call): unknown {
    const { connections, exclude } = targetOf(call);
    if (connections !== undefined) {
      const left = without([...new Set(connections)], exclude);
      this.#toListed(left, call);
      if (call.id === 0) return undefined;
      return this.#count(select(this.#line, { connections: left }));
    }
    this.#send(PhpCommand.SendToAll, excluding(exclude), call);
    return call.id === 0 ? undefined : this.#countAll(exclude ?? []);
  }

  /** To the clients of uids. */
  toUid(call: Call): unknown {
    const { uids = [], exclude } = targetOf(call);
    if (exclude !== undefined) return this.#toSelected({ uids, exclude }, call);
    this.#send(PhpCommand.SendToUid, uids, call);
    return call.id === 0
      ? undefined
      : this.#count(select(this.#line, { uids }));
  }

  /** To the members of groups, each once: the original would send one to each group. */
  toGroup(call: Call): unknown {
    const { groups = [], exclude } = targetOf(call);
    if (groups.length > 1) return this.#toSelected({ groups, exclude }, call);
    const extra = { group: groups, exclude: mapOf(exclude) ?? null };
    this.#send(PhpCommand.SendToGroup, extra, call);
    return call.id === 0
      ? undefined
      : this.#count(select(this.#line, { groups }), exclude);
  }

  /** Asks who they are, then sends to these: later than what is sent meanwhile. */
  async #toSelected({ exclude, ...where }: Target, call: Call) {
    const lasting = { ...call, payload: new Uint8Array(call.payload) };
    const found = await select(this.#line, where);
    const left = without(found.map(({ id }) => id), exclude);
    this.#toListed(left, lasting);
    return left.length;
  }

  /** An empty list would mean nobody, and be a packet in vain. */
  #toListed(connections: readonly number[], call: Call): void {
    if (connections.length === 0) return;
    const extra = { connections: mapOf(connections) };
    this.#send(PhpCommand.SendToAll, extra, call);
  }

  #send(command: number, extra: unknown, { flags, payload }: Call): void {
    this.#line.send({
      command,
      flags: flagsOf(flags),
      ...(extra === undefined
        ? {}
        : { extra: encoder.encode(JSON.stringify(extra)) }),
      body: payload,
    });
  }

  async #count(
    found: ReturnType<typeof select>,
    exclude?: readonly number[],
  ): Promise<number> {
    return without((await found).map(({ id }) => id), exclude).length;
  }

  async #countAll(exclude: readonly number[]): Promise<number> {
    const command = PhpCommand.GetClientCountByGroup;
    const [all, left] = await Promise.all([
      this.#line.ask({ command }),
      exclude.length === 0
        ? []
        : select(this.#line, { connections: [...new Set(exclude)] }),
    ]);
    return numberIn(all) - left.length;
  }
}

function targetOf({ head }: Call): Target {
  return head.length === 0 ? {} : decodeTarget(head);
}

function flagsOf(flags: number): number {
  return PhpFlag.Scalar | ((flags & Flag.Raw) === 0 ? 0 : PhpFlag.Raw);
}

function without(
  ids: readonly number[],
  exclude: readonly number[] | undefined,
): readonly number[] {
  if (exclude === undefined) return ids;
  const out = new Set(exclude);
  return ids.filter((id) => !out.has(id));
}

/** Ids as the original takes them: by key and by value. */
function mapOf(
  ids: readonly number[] | undefined,
): Record<number, number> | undefined {
  return ids === undefined || ids.length === 0
    ? undefined
    : Object.fromEntries(ids.map((id) => [id, id]));
}

function excluding(exclude: readonly number[] | undefined): unknown {
  const map = mapOf(exclude);
  return map === undefined ? undefined : { exclude: map };
}
