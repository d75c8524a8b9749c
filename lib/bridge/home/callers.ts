import { roomLogger } from "../../observe/logger.ts";
import { messageOf, ProtocolError } from "../../base/errors.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { shardOf } from "../../nats/subjects.ts";
import type { ByteStream } from "../../peer/byte_stream.ts";
import { Link } from "../../link/link.ts";
import type { LinkedPeer } from "../../link/linked_peer.ts";
import {
  type ActiveShards,
  encodeActiveShards,
} from "../../wire/bodies/shards.ts";
import { decodeCrossing } from "../../wire/bodies/crossing.ts";
import { readOrigin } from "../../wire/bodies/origin.ts";
import { Command } from "../../wire/command.ts";
import { encodeFailure } from "../../wire/failure.ts";
import {
  endOfHead,
  Flag,
  type FrameHeader,
  HEADER_LENGTH,
} from "../../wire/frame.ts";
import type { Caller, CrossingCommand } from "./crossing_command.ts";
import { divideCommand } from "./divided_command.ts";
import { NamedCommands } from "./named_command.ts";

const logger = roomLogger("bridge");

/** Link heartbeats without a sign of life after which a caller is gone. */
const HEARTBEAT_LIMIT = 3;

/** How {@linkcode Callers} are served. */
export interface CallersOptions {
  /** How many shards there are. */
  readonly shards: number;
  /** Milliseconds that frames may wait for others; 0 for never. */
  readonly gatherWithin: number;
  /** What this bridge is active for. */
  active(): ActiveShards;
  /** A command is to cross. Its bytes are valid during the call. */
  onCommand(caller: Caller, shard: number, what: CrossingCommand): void;
  /** A caller gives up what it numbered for a shard, up to a number, or sends it again. */
  onDrop(caller: Caller, shard: number, number: number): void;
  /** A caller is gone. */
  onGone(caller: Caller): void;
}

/** A caller as it is known here. */
interface LinkedCaller extends Caller {
  readonly link: Link;
  origin: number;
}

/** The workers and programs of a bridge's cell, to which it is like a gateway. */
export class Callers {
  readonly #options: CallersOptions;
  readonly #callers = new Set<LinkedCaller>();
  readonly #names = new NamedCommands();

  /** Nobody is linked yet. */
  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** How many are linked. */
  get size(): number {
    return this.#callers.size;
  }

  /** Somebody has proved who it is. */
  open(conn: ByteStream, peer: LinkedPeer): void {
    const { gatherWithin } = this.#options;
    const link = new Link(conn, peer, {
      onFrame: (header, buffer, start, end) =>
        this.#onFrame(caller, header, buffer, start, end),
      onClosed: () => {
        this.#callers.delete(caller);
        this.#options.onGone(caller);
      },
    }, { keepFrames: false, gatherWithin });
    const caller = { link, origin: 0 };
    this.#callers.add(caller);
    link.start();
    this.#tell(link);
  }

  /** Tells everybody what this bridge is active for. */
  tell(): void {
    for (const { link } of this.#callers) this.#tell(link);
  }

  /** Pings everybody. To be called once every heartbeat interval. */
  heartbeat(): void {
    for (const { link } of this.#callers) link.heartbeat(HEARTBEAT_LIMIT);
  }

  /** Closes all links after what is queued was written. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#callers, ({ link }) => link.close()));
  }

  #tell(link: Link): void {
    const body = encodeActiveShards(this.#options.active());
    if (link.isOpen) link.send(Command.Shards, 0, 0, body);
  }

  /** Hot: a command came, `buffer[start, end)` is its body. */
  #onFrame(
    caller: LinkedCaller,
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { command, flags, connectionId, number } = header;
    const hasHead = (flags & Flag.Head) !== 0;
    const at = hasHead ? endOfHead(buffer, start, end) : start;
    const head = hasHead ? buffer.subarray(start + 4, at) : NO_BYTES;
    // What wants an answer is not sent again.
    const origin = number === 0 && connectionId !== 0 ? caller.origin : 0;
    const what = {
      ...{ command, flags, origin, connectionId, number },
      ...{ buffer, start, end },
    };
    switch (command) {
      case Command.SendToUid:
      case Command.SendToGroup:
      case Command.CloseUid: {
        const names = this.#names.namesOf(command, head);
        return this.#onNamed(caller, { ...what, names }, at);
      }
      case Command.Cross: {
        const { cell, names = [], timeout } = decodeCrossing(head);
        if (end - at < HEADER_LENGTH) {
          throw new ProtocolError(
            "Cannot read command that is to cross: it is cut off",
          );
        }
        const crossing = { ...what, names, cell, timeout };
        return this.#options.onCommand(caller, 0, crossing);
      }
      case Command.Origin:
        caller.origin = readOrigin(buffer.subarray(start, end));
        return;
      case Command.Crossed:
        return this.#options.onDrop(caller, connectionId, number);
      default:
        return this.#refuse(caller.link, command, number);
    }
  }

  /** Names of several shards go separate ways. */
  #onNamed(caller: Caller, what: CrossingCommand, at: number): void {
    const { shards, onCommand } = this.#options;
    const { names, command, number, flags, buffer, start, end } = what;
    const [name = ""] = names;
    const shard = shardOf(name, shards);
    if (names.every((each) => shardOf(each, shards) === shard)) {
      return onCommand(caller, shard, what);
    }
    const head = buffer.subarray(start + 4, at);
    const payload = buffer.subarray(at, end);
    const parts = divideCommand({
      ...{ command, flags, head, payload, names, shards },
    });
    const gather = number === 0
      ? undefined
      : new Gathering(caller, number, parts.length);
    for (const { shard, names, frame } of parts) {
      onCommand(gather ?? caller, shard, {
        ...what,
        // Its number is of one shard.
        origin: 0,
        names,
        buffer: frame,
        start: HEADER_LENGTH,
        end: frame.length,
      });
    }
  }

  #refuse(link: Link, command: number, number: number): void {
    if (number === 0) {
      return logger.debug(
        "Ignored command {command}, which is none for a bridge",
        {
          command,
        },
      );
    }
    const error = new TypeError(
      `Cannot do command ${command}: this is a bridge to other cells, and no gateway`,
    );
    const body = encodeFailure(error);
    link.send(Command.Reply, 0, number, body, Flag.Failed);
    logger.warn("Refused a command: {reason}", { reason: messageOf(error) });
  }
}

/** A caller whose command went several ways: of the last words it hears the very last. */
class Gathering implements Caller {
  readonly root: Caller;
  readonly origin = 0;
  readonly #number: number;
  #left: number;

  constructor(caller: Caller, number: number, left: number) {
    this.root = caller;
    this.#number = number;
    this.#left = left;
  }

  get link(): Caller["link"] {
    const { link } = this.root;
    return {
      pending: link.pending,
      isOpen: link.isOpen,
      send: (command, connectionId, number, payload, flags = 0) => {
        const isLast = command === Command.Reply && number === this.#number &&
          (flags & Flag.More) === 0;
        // What each of them ends with has parts of the answer, too.
        const more = isLast && --this.#left > 0 ? flags | Flag.More : flags;
        link.send(command, connectionId, number, payload, more);
      },
    };
  }
}
