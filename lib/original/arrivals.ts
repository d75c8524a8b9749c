import { isUtf8 } from "node:buffer";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { toJs } from "../php/convert.ts";
import { ipText, PhpCommand, PhpFlag, type PhpPacket } from "../php/packet.ts";
import { PacketDecoder } from "../php/packet_decoder.ts";
import { unserialize } from "../php/unserialize.ts";
import { encodeBody } from "../wire/body.ts";
import { encodeClientState } from "../wire/bodies/client_state.ts";
import { formatClientId } from "../wire/bodies/client_id.ts";
import { Command } from "../wire/command.ts";
import { Flag } from "../wire/frame.ts";
import type { FrameQueue } from "./frame_queue.ts";
import { KnownClient } from "./known_client.ts";

const logger = roomLogger("original");
const limited = new RateLimitedLog();

/** Milliseconds that a client's connect event waits for its upgrade request. */
const UPGRADE_WAIT = 500;

/** Clients that were closed lately, of which the original may still tell something. */
const MAX_CLOSED = 1_024;

/** The original does not say why a client left. */
const CLOSED = encodeBody({ code: 1006, reason: "" });

const encoder = new TextEncoder();

/** What arrivals need of their stand-in. */
export interface ArrivalsOptions {
  /** Where events go. */
  readonly frames: FrameQueue;
  /** The clients that are known, from link to link. */
  readonly clients: Map<number, KnownClient>;
  /** What the clients' ids begin with. */
  readonly gatewayId: string;
  /** Finds out which uid a client has that came from another worker. */
  readonly askUid: (connectionId: number) => Promise<string | undefined>;
  /** An event was told, in a frame of so many bytes. */
  readonly onTold: (bytes: number) => void;
}

/**
 * The events that a gateway of the original tells, as a gateway of ours tells them: one
 * connect event for each client, with the request that it came with; nothing after its
 * close event; and its session only where somebody else has changed it.
 */
export class Arrivals implements Disposable {
  readonly #options: ArrivalsOptions;
  readonly #decoder = new PacketDecoder();
  /** Whether the clients of a port come with an upgrade request, as far as was seen. */
  readonly #upgrades = new Map<number, boolean>();
  readonly #closed = new Set<number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #adopting = new Set<Promise<void>>();

  /** Creates what has heard nothing. */
  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /**
   * Takes bytes as they came.
   *
   * @throws {ProtocolError} If they are no packets.
   */
  push(bytes: Uint8Array): void {
    for (const packet of this.#decoder.push(bytes)) this.#take(packet);
  }

  /** Tells that clients have gone. */
  close(gone: ReadonlyMap<number, KnownClient>): void {
    for (const [connectionId, client] of gone) {
      this.#tell(connectionId, client, Command.Close, CLOSED);
    }
  }

  /** Resolves when all that came was told. */
  async settled(): Promise<void> {
    await Promise.all(this.#adopting);
  }

  /** Tells nothing more. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #take(packet: PhpPacket): void {
    const { command, connectionId } = packet;
    switch (command) {
      case PhpCommand.OnConnect:
      case PhpCommand.OnWebSocketConnect:
      case PhpCommand.OnMessage:
      case PhpCommand.OnClose:
        break;
      default:
        // A ping, or nothing that this worker could act on.
        return;
    }
    const client = this.#options.clients.get(connectionId) ??
      this.#meet(packet);
    if (client === undefined) return;
    if (client.waiting !== undefined) client.waiting.push(kept(packet));
    else this.#handle(client, packet);
  }

  /** Gets to know a client; not one that has left already. */
  #meet(packet: PhpPacket): KnownClient | undefined {
    const { command, connectionId, clientIp, clientPort } = packet;
    const isNew = command === PhpCommand.OnConnect;
    // The gateway's own code may have closed it first: then that is told first.
    if (this.#closed.has(connectionId) && command !== PhpCommand.OnMessage) {
      return undefined;
    }
    const client = new KnownClient();
    client.remoteAddress = clientIp === 0
      ? ""
      : `${ipText(clientIp)}:${clientPort}`;
    this.#options.clients.set(connectionId, client);
    if (isNew) return client;
    const adopted = this.#adopt(connectionId, client);
    this.#adopting.add(adopted);
    void adopted.then(() => this.#adopting.delete(adopted));
    return client;
  }

  /** It was another worker's: its events wait until its uid is known. */
  async #adopt(connectionId: number, client: KnownClient): Promise<void> {
    client.waiting = [];
    try {
      client.uid = await this.#options.askUid(connectionId);
    } catch {
      // The link is ending, and with it all that waits here.
    }
    const { waiting } = client;
    client.waiting = undefined;
    for (const packet of waiting) this.#handle(client, packet);
  }

  #handle(client: KnownClient, packet: PhpPacket): void {
    if (client.isClosed) return;
    const { command, connectionId } = packet;
    const leftOut = client.see(packet.extra);
    if (leftOut !== undefined) this.#warn(connectionId, leftOut);
    switch (command) {
      case PhpCommand.OnConnect:
        return this.#onConnect(client, packet);
      case PhpCommand.OnWebSocketConnect:
        return this.#onUpgrade(client, packet);
      case PhpCommand.OnMessage:
        return this.#onMessage(client, packet);
      case PhpCommand.OnClose:
        return this.#onClose(client, packet);
    }
  }

  /** It may be told only when it is known whether an upgrade request follows. */
  #onConnect(client: KnownClient, packet: PhpPacket): void {
    const { gatewayPort } = packet;
    client.heldConnect = kept(packet);
    const upgrades = this.#upgrades.get(gatewayPort);
    if (upgrades === false) return this.#tellConnect(client);
    if (upgrades === true) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#upgrades.get(gatewayPort) !== true) this.#tellConnect(client);
    }, UPGRADE_WAIT);
    this.#timers.add(timer);
  }

  #onUpgrade(client: KnownClient, packet: PhpPacket): void {
    this.#upgrades.set(packet.gatewayPort, true);
    if (client.events > 0 && client.heldConnect === undefined) return;
    client.heldConnect ??= kept(packet);
    const request = requestIn(packet.body);
    if (client.remoteAddress === "") {
      client.remoteAddress = request?.remoteAddress ?? "";
    }
    this.#tellConnect(client, request);
  }

  #onMessage(client: KnownClient, packet: PhpPacket): void {
    const { connectionId, gatewayPort, flags, body } = packet;
    if (client.heldConnect !== undefined) {
      this.#upgrades.set(gatewayPort, false);
      this.#tellConnect(client);
    }
    const message = (flags & PhpFlag.Scalar) !== 0 ? body : asJson(body);
    const binary = isUtf8(message) ? 0 : Flag.Binary;
    this.#tell(connectionId, client, Command.Message, message, binary);
  }

  #onClose(client: KnownClient, packet: PhpPacket): void {
    const { connectionId, gatewayPort } = packet;
    client.isClosed = true;
    this.#options.clients.delete(connectionId);
    this.#remember(connectionId);
    if (client.heldConnect !== undefined) {
      // It never upgraded: to us it was no client yet.
      if (this.#upgrades.get(gatewayPort) === true) return;
      this.#tellConnect(client);
    }
    this.#tell(connectionId, client, Command.Close, CLOSED);
  }

  #tellConnect(client: KnownClient, request?: UpgradeRequest): void {
    const { heldConnect } = client;
    if (heldConnect === undefined) return;
    client.heldConnect = undefined;
    const payload = encodeBody(
      request === undefined
        ? {}
        : { target: request.target, headers: request.headers },
    );
    const { connectionId } = heldConnect;
    this.#tell(connectionId, client, Command.Connect, payload);
  }

  #tell(
    connectionId: number,
    client: KnownClient,
    command: Command,
    payload: Uint8Array,
    flags = 0,
  ): void {
    const state = client.takeState();
    const head = state && encodeClientState(state);
    const number = ++client.events;
    const length = this.#options.frames.push({
      command,
      flags,
      connectionId,
      number,
      head,
      payload,
    });
    this.#options.onTold(length);
  }

  #remember(connectionId: number): void {
    this.#closed.add(connectionId);
    const [oldest] = this.#closed;
    if (this.#closed.size > MAX_CLOSED && oldest !== undefined) {
      this.#closed.delete(oldest);
    }
  }

  #warn(connectionId: number, leftOut: string): void {
    const client = formatClientId(this.#options.gatewayId, connectionId);
    limited.once(leftOut, (suppressed) => {
      logger.warn(
        "Left out of the session of client {client} what only PHP can read, and kept it: {leftOut} ({suppressed} like this before)",
        { client, leftOut, suppressed },
      );
    });
  }
}

/** The request with which a WebSocket client came. */
interface UpgradeRequest {
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly remoteAddress: string;
}

/** Reads it out of what the original has of it; `undefined` if that is not there. */
function requestIn(body: Uint8Array): UpgradeRequest | undefined {
  const facts = valueIn(body);
  const server = facts instanceof Map ? facts.get("server") : undefined;
  if (!(server instanceof Map)) return undefined;
  const headers = [...server].flatMap(([key, value]) =>
    key.startsWith("HTTP_") ? [[headerName(key), textOf(value)] as const] : []
  );
  return {
    target: textOf(server.get("REQUEST_URI")),
    headers,
    remoteAddress: `${textOf(server.get("REMOTE_ADDR"))}:${
      textOf(server.get("REMOTE_PORT"))
    }`,
  };
}

function headerName(key: string): string {
  return key.slice("HTTP_".length).toLowerCase().replaceAll("_", "-");
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value)
    : "";
}

/** What a protocol of the user's own made of a message, as JSON. */
function asJson(body: Uint8Array): Uint8Array {
  const value = valueIn(body);
  try {
    const js = toJs(value ?? null, "message");
    return encoder.encode(JSON.stringify(js));
  } catch {
    // Nothing but PHP can read it: it is told as it is stored there.
    return body;
  }
}

function valueIn(body: Uint8Array): ReturnType<typeof unserialize> | undefined {
  try {
    return unserialize(body);
  } catch {
    // What cannot be read counts as not said: the event happened all the same.
    return undefined;
  }
}

/** A packet that lasts: its bytes are its own. */
function kept(packet: PhpPacket): PhpPacket {
  return {
    ...packet,
    extra: new Uint8Array(packet.extra),
    body: new Uint8Array(packet.body),
  };
}
