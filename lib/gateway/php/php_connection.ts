import { closeQuietly } from "../../base/close_quietly.ts";
import { HandshakeError, messageOf, ProtocolError } from "../../base/errors.ts";
import { writeWhole } from "../../base/write_whole.ts";
import { joined } from "../../php/joined.ts";
import { MAX_PACKET, PhpCommand, type PhpPacket } from "../../php/packet.ts";
import { PacketDecoder } from "../../php/packet_decoder.ts";
import { textOf } from "../../php/text.ts";
import { parseJson } from "../../base/parse_json.ts";
import type { PeerStream } from "../../peer/byte_stream.ts";
import { isSameSecretKey } from "../../peer/secret_key.ts";

/** Bytes that a read may bring. */
const READ_LENGTH = 16 * 1024;

/** Longest packet of somebody who has to show the key, in bytes: it holds no more. */
const MAX_FIRST_PACKET = 4_096;

/** Longest name of a worker, in UTF-16 units. */
const MAX_WORKER_NAME = 128;

/** Who is told what comes on a {@linkcode PhpConnection}. */
export interface PhpConnectionOwner {
  /** The key that nodes of the original show; empty for none. */
  readonly secretKey: string;
  /** It is a worker, and wants events. */
  onWorker(connection: PhpConnection, name: string): void;
  /** A command came; what is returned is the answer. Must not throw. */
  onCommand(
    connection: PhpConnection,
    packet: PhpPacket,
  ): Uint8Array | undefined;
}

/** A connection that a node of the original has opened. */
export class PhpConnection {
  readonly #conn: PeerStream;
  readonly #owner: PhpConnectionOwner;
  readonly #decoder = new PacketDecoder();
  readonly #buffer = new Uint8Array(READ_LENGTH);
  /** Whether it may give commands. */
  #isTrusted: boolean;
  /** Whether a packet of it was taken. */
  #isKnown = false;
  #isClosed = false;
  #replies: Uint8Array[] = [];
  /** The last write that was begun: they must not get between each other's bytes. */
  #written: Promise<void> = Promise.resolve();

  /** @param conn Is from now on nobody else's. */
  constructor(conn: PeerStream, owner: PhpConnectionOwner) {
    this.#conn = conn;
    this.#owner = owner;
    this.#isTrusted = owner.secretKey === "";
    if (!this.#isTrusted) this.#decoder.maxLength = MAX_FIRST_PACKET;
  }

  /** Where it comes from. */
  get host(): string {
    return this.#conn.remoteAddr.hostname;
  }

  /** Where it comes from, with its port. */
  get port(): number {
    return this.#conn.remoteAddr.port;
  }

  /**
   * Reads until it has shown who it is, and does what it asks for until then.
   *
   * @param first What has come of it.
   * @throws {ProtocolError} If it speaks something else, or ends.
   * @throws {HandshakeError} If it does not know the key.
   */
  async begin(first: Uint8Array): Promise<void> {
    this.#take(first);
    while (!this.#isKnown) {
      if (!await this.#read()) {
        throw new ProtocolError(
          "Cannot read packet of a PHP node: the peer closed the connection",
        );
      }
    }
    await this.#reply();
  }

  /**
   * Serves it until it ends. Whatever came before its end is done.
   *
   * @throws {ProtocolError} If it sends what is no packet.
   * @throws {HandshakeError} If it shows another key.
   */
  async serve(): Promise<void> {
    while (await this.#read()) await this.#reply();
  }

  /** Writes bytes behind those that are being written. */
  send(bytes: Uint8Array): Promise<void> {
    const before = this.#written;
    const write = async () => {
      await before;
      await writeWhole(this.#conn, bytes);
    };
    return this.#written = write();
  }

  /** Ends it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeQuietly(this.#conn);
  }

  async #read(): Promise<boolean> {
    if (this.#isClosed) return false;
    const count = await this.#conn.read(this.#buffer);
    if (count === null) return false;
    this.#take(this.#buffer.subarray(0, count));
    return true;
  }

  #take(chunk: Uint8Array): void {
    for (const packet of this.#decoder.push(chunk)) {
      this.#takePacket(packet);
      this.#isKnown = true;
    }
  }

  #takePacket(packet: PhpPacket): void {
    const { command, body } = packet;
    switch (command) {
      case PhpCommand.WorkerConnect: {
        const { workerKey } = this.#introduce(body);
        return this.#owner.onWorker(this, workerKey);
      }
      case PhpCommand.GatewayClientConnect:
        return void this.#introduce(body);
    }
    if (!this.#isTrusted) {
      throw new HandshakeError(
        `Cannot accept a PHP node as it must show the key first: it began with command ${command}`,
      );
    }
    const reply = this.#owner.onCommand(this, packet);
    if (reply !== undefined) this.#replies.push(reply);
  }

  /** Looks at the key that it shows. */
  #introduce(body: Uint8Array): { workerKey: string } {
    const { workerKey, secretKey } = readIntroduction(body);
    if (!isSameSecretKey(secretKey, this.#owner.secretKey)) {
      throw new HandshakeError(
        "Cannot accept a PHP node: its secret key is not ours (--php-secret-key)",
      );
    }
    this.#isTrusted = true;
    this.#decoder.maxLength = MAX_PACKET;
    return { workerKey };
  }

  /** Writes what was answered; nothing more is read meanwhile. */
  async #reply(): Promise<void> {
    if (this.#replies.length === 0) return;
    const replies = joined(this.#replies);
    this.#replies = [];
    await this.send(replies);
  }
}

function readIntroduction(
  body: Uint8Array,
): { workerKey: string; secretKey: string } {
  let said: unknown;
  try {
    said = parseJson(textOf(body));
  } catch (error) {
    throw new ProtocolError(
      `Cannot read introduction of a PHP node: ${messageOf(error)}`,
    );
  }
  const { worker_key: name = "", secret_key: secretKey = "" } =
    said as Record<string, unknown> ?? {};
  if (typeof name !== "string" || typeof secretKey !== "string") {
    throw new ProtocolError(
      "Cannot read introduction of a PHP node: name and key must be texts",
    );
  }
  return { workerKey: name.slice(0, MAX_WORKER_NAME), secretKey };
}
