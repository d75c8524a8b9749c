import { LinkClosedError } from "../base/errors.ts";
import { NatsLine } from "../nats/nats_line.ts";
import type { NatsOptions } from "../nats/nats_options.ts";
import { checkCellName } from "../nats/subjects.ts";
import { readSecretKeys } from "../peer/trust.ts";
import { NO_ANSWER_ID } from "../wire/bodies/typed_frame.ts";
import { requestText } from "../wire/bodies/typed_text.ts";
import { Command } from "../wire/command.ts";
import { Flag } from "../wire/frame.ts";
import {
  checkName,
  checkNames,
  checkSendOptions,
  encodeMessage,
  flagsOf,
} from "./arguments.ts";
import type { CloseOptions, Message, SendOptions } from "./call_options.ts";
import { encodeClose } from "./changer.ts";
import { Pusher } from "./pusher.ts";
import { quiet } from "./quiet.ts";
import { encodeHead } from "./sender.ts";
import { checkRecipients, checkRequestName } from "./typed_arguments.ts";
import type { Recipients } from "./typed_options.ts";

/** Options of {@linkcode GatewayClient.connect} for a program that has no links. */
export interface PushClientOptions extends NatsOptions {
  /**
   * Name of all cells together, as their bridges have it.
   *
   * @default {"main"}
   */
  readonly cluster?: string;
  /** Key of programs that push; several while it is being changed. */
  readonly pushKey?: string | readonly string[];
  /** File with further such keys, one a line. */
  readonly pushKeyFile?: string;
  /**
   * Name, for the operators of NATS.
   *
   * @default {"GatewayClient"}
   */
  readonly name?: string;
  /**
   * Milliseconds to wait for NATS.
   *
   * @default {5_000}
   */
  readonly connectTimeout?: number;
  /**
   * Milliseconds to wait for the cells' answers, where a call asks for them.
   *
   * @default {5_000}
   */
  readonly queryTimeout?: number;
}

/**
 * Reaches the clients of all cells by way of NATS, without links: what a program may
 * do that knows the key for it. Made by {@linkcode GatewayClient.connect}.
 *
 * A send returns when NATS has been handed it. It reaches each cell at most once, those
 * of one program and for one uid or group in order; only `confirm` says whether it did.
 * Every send rejects with `LinkClosedError` while there is no connection, and with
 * `RangeError` if NATS takes no message that long.
 */
export class PushClient implements AsyncDisposable {
  readonly #line: NatsLine;
  readonly #pusher: Pusher;

  private constructor(line: NatsLine, pusher: Pusher) {
    this.#line = line;
    this.#pusher = pusher;
  }

  /**
   * Connects to NATS.
   *
   * @throws {LinkClosedError} If no server is reached in time.
   * @throws {TypeError} If an option is none, there is no key, or a file cannot be used.
   */
  static async connect(options: PushClientOptions): Promise<PushClient> {
    const {
      cluster = "main",
      pushKey = [],
      pushKeyFile,
      name = "GatewayClient",
      connectTimeout = 5_000,
      queryTimeout = 5_000,
      ...nats
    } = options;
    checkCellName("cluster", cluster);
    const keys = await readSecretKeys({
      secretKey: pushKey,
      ...(pushKeyFile === undefined ? {} : { secretKeyFile: pushKeyFile }),
    });
    if (keys.length === 0) {
      throw new TypeError(
        "Cannot push by way of NATS without a key, as bridges believe nobody else: give pushKey or pushKeyFile",
      );
    }
    const line = await NatsLine.open({ ...nats, name });
    if (!await line.connected(connectTimeout)) {
      await line[Symbol.asyncDispose]();
      throw new LinkClosedError(
        `Cannot reach NATS: no connection within ${connectTimeout} ms`,
      );
    }
    const pusher = new Pusher({ line, cluster, keys, timeout: queryTimeout });
    return new PushClient(line, pusher);
  }

  /**
   * Sends to every client of every cell.
   *
   * @returns With `confirm`, how many were reached.
   * @throws {PartialResultError} If that was asked for, and a cell did not answer.
   */
  sendToAll(
    message: Message,
    options: SendOptions = {},
  ): Promise<number | undefined> {
    return this.#send("sendToAll", { all: true }, message, options);
  }

  /**
   * Sends to every client of one uid or of several, wherever they are.
   *
   * @returns With `confirm`, how many were reached.
   * @throws {PartialResultError} If that was asked for, and a cell did not answer.
   */
  sendToUid(
    uid: string | readonly string[],
    message: Message,
    options: SendOptions = {},
  ): Promise<number | undefined> {
    const names = checkNames("uid", uid);
    return this.#send("sendToUid", { uid: names }, message, options);
  }

  /**
   * Sends to every member of one group or of several, wherever they are.
   *
   * @returns With `confirm`, how many were reached.
   * @throws {PartialResultError} If that was asked for, and a cell did not answer.
   */
  sendToGroup(
    group: string | readonly string[],
    message: Message,
    options: SendOptions = {},
  ): Promise<number | undefined> {
    const names = checkNames("group", group);
    return this.#send("sendToGroup", { group: names }, message, options);
  }

  /**
   * Tells clients that speak `gatewayworker.v1` an event by its name.
   *
   * @param to Whom: `{ uid }`, `{ group }`, each one or a list, or `{ all: true }`.
   * @throws {TypeError} If a client id is given: it means something in one cell only.
   */
  notify(
    to: Exclude<Recipients, { readonly client: unknown }>,
    name: string,
    data?: unknown,
    options: SendOptions = {},
  ): Promise<number | undefined> {
    const text = requestText(NO_ANSWER_ID, checkRequestName(name), data);
    return this.#send("notify", to, text, options, Flag.Typed);
  }

  /**
   * Closes every client of a uid, wherever it is, if bridges accept that from programs.
   *
   * @returns How many.
   * @throws {PartialResultError} If a cell did not answer.
   */
  closeUid(
    uid: string,
    message?: Message,
    options: CloseOptions = {},
  ): Promise<number> {
    const name = checkName("uid", uid);
    const { head, payload, flags } = encodeClose(message, options, name);
    const frame = { command: Command.CloseUid, flags, head, payload };
    return quiet(this.#pusher.ask("closeUid", frame, { uids: [name] }));
  }

  /** Waits until NATS has been handed all that was sent, then leaves. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pusher[Symbol.asyncDispose]();
    await this.#line[Symbol.asyncDispose]();
  }

  #send(
    call: string,
    to: Recipients,
    message: Message,
    options: SendOptions,
    flag = 0,
  ): Promise<number | undefined> {
    checkSendOptions(options);
    checkNoClients(options);
    const { target, connections } = checkRecipients(to);
    if (connections !== undefined) checkNoClients({ client: true });
    const { uids, groups } = target;
    const frame = {
      command: uids
        ? Command.SendToUid
        : groups
        ? Command.SendToGroup
        : Command.SendToAll,
      flags: flagsOf(message, options) | flag,
      head: encodeHead({ ...target, key: options.key }),
      payload: encodeMessage(message),
    };
    return quiet(
      options.confirm
        ? this.#pusher.ask(call, frame, target)
        : this.#pusher.tell(frame),
    );
  }
}

/** @throws {TypeError} If client ids are named: what they mean differs from cell to cell. */
function checkNoClients(named: object): void {
  for (const field of ["client", "clientIds", "exclude"]) {
    if (!(field in named)) continue;
    throw new TypeError(
      `Cannot push by way of NATS with client ids, which mean something in one cell only: found "${field}"`,
    );
  }
}
