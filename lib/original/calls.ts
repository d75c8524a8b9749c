import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { messageOf } from "../base/errors.ts";
import { Command } from "../wire/command.ts";
import type { Call } from "./call.ts";
import { ClientCalls } from "./client_calls.ts";
import type { CommandLine } from "./command_line.ts";
import type { FrameQueue } from "./frame_queue.ts";
import type { KnownClient } from "./known_client.ts";
import { ListCalls } from "./list_calls.ts";
import { SendCalls } from "./send_calls.ts";
import { SessionCalls } from "./session_calls.ts";

const logger = roomLogger("original");
const limited = new RateLimitedLog();

/** What calls are done with. */
export interface CallsParts {
  /** Where the gateway is told and asked. */
  readonly line: CommandLine;
  /** The clients that are known. */
  readonly clients: ReadonlyMap<number, KnownClient>;
  /** What the clients' ids begin with. */
  readonly gatewayId: string;
  /** Where replies go. */
  readonly frames: FrameQueue;
}

/**
 * Does at a gateway of the original what one of ours would be asked. What is told, and a
 * question after it, go one way: an answer means that all before it was done.
 */
export class Calls {
  readonly #frames: FrameQueue;
  readonly #sends: SendCalls;
  readonly #clients: ClientCalls;
  readonly #sessions: SessionCalls;
  readonly #lists: ListCalls;

  /** @param parts What calls are done with. */
  constructor({ line, clients, gatewayId, frames }: CallsParts) {
    this.#frames = frames;
    this.#sends = new SendCalls(line);
    this.#clients = new ClientCalls(line, clients);
    this.#sessions = new SessionCalls(line, clients);
    this.#lists = new ListCalls(line, gatewayId);
  }

  /** Does what a frame asks for, and answers when it is done. */
  take(call: Call): void {
    const { id, command } = call;
    const fail = (error: unknown) => {
      if (id !== 0) this.#frames.reply(id, asError(error));
      else warn(command, error);
    };
    try {
      const result = this.#do(call);
      if (!(result instanceof Promise)) {
        if (id !== 0) this.#frames.reply(id, result);
        return;
      }
      void result.then((value) => {
        if (id !== 0) this.#frames.reply(id, value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  }

  #do(call: Call): unknown {
    switch (call.command) {
      case Command.SendToOne:
        return this.#sends.toOne(call);
      case Command.SendToAll:
        return this.#sends.toAll(call);
      case Command.SendToUid:
        return this.#sends.toUid(call);
      case Command.SendToGroup:
        return this.#sends.toGroup(call);
      case Command.CloseClient:
        return this.#clients.close(call);
      case Command.CloseUid:
        return this.#clients.closeUid(call);
      case Command.ReplaceUid:
        return this.#clients.replaceUid(call);
      case Command.DestroyClient:
        return this.#clients.destroy(call);
      case Command.IsOnline:
        return this.#clients.isOnline(call);
      case Command.BindUid:
        return this.#clients.bindUid(call);
      case Command.UnbindUid:
        return this.#clients.unbindUid(call);
      case Command.JoinGroup:
      case Command.LeaveGroup:
        return this.#clients.changeGroup(call);
      case Command.Ungroup:
        return this.#clients.ungroup(call);
      case Command.GetSession:
        return this.#sessions.get(call);
      case Command.SetSession:
        return this.#sessions.set(call);
      case Command.UpdateSession:
        return this.#sessions.update(call);
      case Command.SaveSession:
        return this.#sessions.save(call);
      case Command.CountClients:
        return this.#lists.count();
      case Command.SelectClients:
        return this.#lists.clients(call);
      case Command.SelectNames:
        return this.#lists.names(call);
      case Command.ListConnections:
        return this.#lists.connections(call);
      default:
        throw new TypeError(
          `Cannot do command ${call.command}: the original has nothing like it`,
        );
    }
  }
}

function warn(command: number, error: unknown): void {
  const reason = messageOf(error);
  limited.once(`${command} ${reason}`, (suppressed) => {
    logger.warn(
      "Left out command {command} to a gateway of the original: {reason} ({suppressed} like this before)",
      { command, reason, suppressed },
    );
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new TypeError(messageOf(error));
}
