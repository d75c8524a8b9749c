import { NO_BYTES } from "../base/no_bytes.ts";
import {
  decodeSession,
  encodeSession,
  type Session,
} from "../wire/bodies/session.ts";
import { encodeBody } from "../wire/body.ts";
import { Command } from "../wire/command.ts";
import { groupName, uidName } from "../wire/bodies/interest_name.ts";
import {
  checkClientId,
  checkClose,
  checkName,
  checkOptions,
  encodeMessage,
  flagsOf,
} from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type { CellRoute, WriteCommand } from "./crossings.ts";
import type { CloseOptions, Message } from "./call_options.ts";
import { logInAlone } from "./exclusive_login.ts";
import { quiet } from "./quiet.ts";

const encoder = new TextEncoder();

/** What a command to a gateway carries. */
export interface Body {
  /** Its CBOR part. */
  readonly head?: Uint8Array;
  /** Its payload. */
  readonly payload?: Uint8Array;
  /** What the payload is. */
  readonly flags?: number;
}

/** Changes clients one at a time, by way of their gateways. */
export class Changer {
  readonly #asker: Asker;

  /** @param asker Knows the gateways. */
  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Asks the gateway of a client to do something to it; returns whether it is there. */
  change(
    command: Command,
    clientId: string,
    { head, payload = NO_BYTES, flags = 0 }: Body = {},
  ): Promise<boolean> {
    const address = checkClientId(clientId);
    const { connectionId } = address;
    const body = this.#asker.toSend(payload, address);
    return this.#asker.askOne(address, (link, id) => {
      if (head === undefined) {
        link.send(command, connectionId, id, body, flags);
      } else link.sendHeaded(command, connectionId, id, head, body, flags);
    }, Boolean);
  }

  /** Like {@linkcode Changer.change}, with the name of a uid or group. */
  changeNamed(
    command: Command,
    clientId: string,
    name: string,
  ): Promise<boolean> {
    const what = command === Command.BindUid ? "uid" : "group";
    const payload = encoder.encode(checkName(what, name));
    const done = this.change(command, clientId, { payload });
    if (command !== Command.LeaveGroup) {
      const full = what === "uid" ? uidName(name) : groupName(name);
      const address = this.#asker.atHome(checkClientId(clientId));
      this.#asker.expect(address, full, done);
    }
    return done;
  }

  /** Binds a client to a uid, and closes the other clients of the uid. */
  bindAlone(
    clientId: string,
    uid: string,
    cells?: "all",
  ): Promise<boolean> {
    const address = this.#asker.atHome(checkClientId(clientId));
    const payload = encoder.encode(checkName("uid", uid));
    const bind = (login: number) => {
      const head = encodeBody({ login });
      return this.change(Command.BindUid, clientId, { head, payload });
    };
    const done = quiet(logInAlone(this.#asker, {
      address,
      uid,
      bind,
      cells,
    }));
    this.#asker.expect(address, uidName(uid), done);
    return done;
  }

  /** Closes a client, after a message if there is one. */
  close(
    clientId: string,
    message: Message | undefined,
    options: CloseOptions,
  ): Promise<boolean> {
    const body = encodeClose(message, options);
    return this.change(Command.CloseClient, clientId, body);
  }

  /** Closes all clients of a uid; returns how many. */
  closeUid(
    uid: string,
    message: Message | undefined,
    options: CloseOptions,
  ): Promise<number> {
    const name = checkName("uid", uid);
    const { head, payload, flags } = encodeClose(message, options, name);
    const body = this.#asker.toSend(payload);
    const send: WriteCommand = ({ link }, id) =>
      link.sendHeaded(Command.CloseUid, 0, id, head, body, flags);
    const { crossings } = this.#asker;
    const routes = crossings.named([uidName(name)], () => send);
    return this.#sum("closeUid", send, routes);
  }

  /** Takes all clients out of a group; returns how many. */
  ungroup(group: string): Promise<number> {
    const payload = encoder.encode(checkName("group", group));
    return this.#sum(
      "ungroup",
      ({ link }, id) => link.send(Command.Ungroup, 0, id, payload),
    );
  }

  /** Returns the session of a client; `undefined` if it is gone. */
  getSession(clientId: string): Promise<Session | undefined> {
    const address = checkClientId(clientId);
    return this.#asker.askOne(
      address,
      (link, id) => link.send(Command.GetSession, address.connectionId, id),
      (bytes) =>
        bytes instanceof Uint8Array
          ? decodeSession(bytes.length === 0 ? undefined : bytes)
          : undefined,
    );
  }

  /** Replaces the session of a client. */
  setSession(clientId: string, session: Session): Promise<boolean> {
    const head = encodeSession(session) ?? NO_BYTES;
    return this.change(Command.SetSession, clientId, { head });
  }

  /** Merges values into the session of a client. */
  updateSession(clientId: string, update: Session): Promise<boolean> {
    const head = encodeSession(update) ?? encodeBody({});
    return this.change(Command.UpdateSession, clientId, { head });
  }

  #sum(
    call: string,
    send: WriteCommand,
    routes?: readonly CellRoute[],
  ): Promise<number> {
    let sum = 0;
    return this.#asker.askAll({
      call,
      send,
      routes,
      take: (count) => void (sum += Number(count)),
      answer: () => sum,
    });
  }
}

/**
 * Encodes what closes clients.
 *
 * @throws {TypeError} If the message or the options are none.
 * @throws {RangeError} If code or reason are none that may be sent.
 */
export function encodeClose(
  message: Message | undefined,
  options: CloseOptions,
  uid?: string,
): Required<Body> {
  checkOptions(options);
  checkClose(options);
  const { code, reason } = options;
  const hasMessage = message !== undefined;
  return {
    head: encodeBody({ code, reason, uid, message: hasMessage }),
    payload: hasMessage ? encodeMessage(message) : NO_BYTES,
    flags: hasMessage ? flagsOf(message) : 0,
  };
}
