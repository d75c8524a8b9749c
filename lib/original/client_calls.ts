import { PhpCommand, PhpFlag } from "../php/packet.ts";
import { decodeMap, textField } from "../wire/body.ts";
import { decodeName } from "../wire/bodies/name.ts";
import { Command } from "../wire/command.ts";
import type { Call } from "./call.ts";
import type { CommandLine } from "./command_line.ts";
import type { KnownClient } from "./known_client.ts";
import { numberIn, select } from "./select.ts";

/** What the original takes for no message. */
const NO_MESSAGE = new TextEncoder().encode("N;");

/** Closes clients, and changes their uids and groups. */
export class ClientCalls {
  readonly #line: CommandLine;
  readonly #clients: ReadonlyMap<number, KnownClient>;

  /**
   * @param line Where the gateway is told and asked.
   * @param clients The clients that are known.
   */
  constructor(
    line: CommandLine,
    clients: ReadonlyMap<number, KnownClient>,
  ) {
    this.#line = line;
    this.#clients = clients;
  }

  /** Closes one client, after a message if there is one; the original has no codes. */
  close(call: Call): Promise<boolean> {
    const wasOnline = this.#line.isOnline(call.connectionId);
    this.#kick(call.connectionId, messageIn(call));
    return wasOnline;
  }

  /** Closes all clients of a uid; returns how many. */
  async closeUid(call: Call): Promise<number> {
    const uid = textField(decodeMap(call.head), "uid") ?? "";
    const message = messageIn(call);
    const lasting = message && new Uint8Array(message);
    const found = await select(this.#line, { uids: [uid] });
    for (const { id } of found) this.#kick(id, lasting);
    return found.length;
  }

  /**
   * Closes the clients of a uid but one: that one logged in last, as far as is known. The
   * original numbers no logins, so of two at the same time none may stay.
   */
  async replaceUid({ connectionId, head }: Call): Promise<number> {
    const uid = textField(decodeMap(head), "uid") ?? "";
    for (const { id } of await select(this.#line, { uids: [uid] })) {
      if (id !== connectionId) this.#kick(id, undefined);
    }
    return 0;
  }

  /** Ends a connection at once. */
  destroy({ connectionId }: Call): Promise<boolean> {
    const wasOnline = this.#line.isOnline(connectionId);
    this.#line.send({ command: PhpCommand.Destroy, connectionId });
    return wasOnline;
  }

  /** Says whether a client is there. */
  isOnline({ connectionId }: Call): Promise<boolean> {
    return this.#line.isOnline(connectionId);
  }

  /** Binds a client to a uid. */
  bindUid({ connectionId, payload }: Call): Promise<boolean> {
    const uid = nameIn("uid", payload);
    this.#line.send({
      command: PhpCommand.BindUid,
      connectionId,
      extra: payload,
    });
    const known = this.#clients.get(connectionId);
    if (known !== undefined) known.uid = uid;
    return this.#line.isOnline(connectionId);
  }

  /** Removes the uid of a client. */
  unbindUid({ connectionId }: Call): Promise<boolean> {
    this.#line.send({ command: PhpCommand.UnbindUid, connectionId });
    const known = this.#clients.get(connectionId);
    if (known !== undefined) known.uid = undefined;
    return this.#line.isOnline(connectionId);
  }

  /** Puts a client in a group, or takes it out of one. */
  changeGroup({ command, connectionId, payload }: Call): Promise<boolean> {
    nameIn("group", payload);
    this.#line.send({
      command: command === Command.JoinGroup
        ? PhpCommand.JoinGroup
        : PhpCommand.LeaveGroup,
      connectionId,
      extra: payload,
    });
    return this.#line.isOnline(connectionId);
  }

  /** Takes all members out of a group; returns how many there were. */
  async ungroup({ payload }: Call): Promise<number> {
    nameIn("group", payload);
    const command = PhpCommand.GetClientCountByGroup;
    const count = this.#line.ask({ command, extra: payload });
    this.#line.send({ command: PhpCommand.Ungroup, extra: payload });
    return numberIn(await count);
  }

  #kick(connectionId: number, message: Uint8Array | undefined): void {
    this.#line.send({
      command: PhpCommand.Kick,
      connectionId,
      flags: message === undefined ? 0 : PhpFlag.Scalar,
      body: message ?? NO_MESSAGE,
    });
  }
}

function messageIn({ head, payload }: Call): Uint8Array | undefined {
  return head.length > 0 && decodeMap(head)["message"] === true
    ? payload
    : undefined;
}

/** What PHP takes for empty, the original ignores without a word. */
function nameIn(what: string, payload: Uint8Array): string {
  const name = decodeName(payload);
  if (name !== "" && name !== "0") return name;
  throw new TypeError(
    `Cannot use ${what} "${name}" at a gateway of the original, which takes it for none`,
  );
}
