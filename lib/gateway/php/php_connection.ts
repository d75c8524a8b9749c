import { closeQuietly } from "../../base/close_quietly.ts";
import { HandshakeError, messageOf, ProtocolError } from "../../base/errors.ts";
import { endsWithin } from "../../base/pause.ts";
import { writeWhole } from "../../base/write_whole.ts";
import { joined } from "../../base/joined.ts";
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

/** Bytes of answers that may wait; what else was asked for waits until they have left. */
const MAX_REPLIES = 1_048_576;

/** Milliseconds that a peer may take to read its answers. */
const REPLY_TIMEOUT = 60_000;

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
  #replyBytes = 0;
  /** What came before it was known is done. */
  #begun: Promise<void> = Promise.resolve();
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
    let taken = this.#take(first);
    while (!this.#isKnown) {
      await taken;
      const chunk = await this.#read();
      if (chunk === undefined) {
        throw new ProtocolError(
          "Cannot read packet of a PHP node: the peer closed the connection",
        );
      }
      taken = this.#take(chunk);
    }
    // The first answers may take long; how that ends is said by `serve`.
    taken.catch(() => {});
    this.#begun = taken;
  }

  /**
   * Serves it until it ends. Whatever came before its end is done.
   *
   * @throws {ProtocolError} If it sends what is no packet.
   * @throws {HandshakeError} If it shows another key.
   * @throws {ProtocolError} If it does not read its answers.
   */
  async serve(): Promise<void> {
    await this.#begun;
    while (true) {
      const chunk = await this.#read();
      if (chunk === undefined) return;
      await this.#take(chunk);
    }
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

  async #read(): Promise<Uint8Array | undefined> {
    if (this.#isClosed) return undefined;
    const count = await this.#conn.read(this.#buffer);
    return count === null ? undefined : this.#buffer.subarray(0, count);
  }

  /** Does what came, and writes what is answered: nothing more is read meanwhile. */
  async #take(chunk: Uint8Array): Promise<void> {
    for (const packet of this.#decoder.push(chunk)) {
      this.#takePacket(packet);
      this.#isKnown = true;
      if (this.#replyBytes >= MAX_REPLIES) await this.#reply();
    }
    await this.#reply();
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
    if (reply === undefined) return;
    this.#replies.push(reply);
    this.#replyBytes += reply.length;
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

  async #reply(): Promise<void> {
    if (this.#replies.length === 0) return;
    const replies = joined(this.#replies);
    this.#replies = [];
    this.#replyBytes = 0;
    const sent = this.send(replies);
    // If it fails, that is said below.
    const isOver = await endsWithin(sent.catch(() => {}), REPLY_TIMEOUT);
    if (!isOver) {
      throw new ProtocolError(
        `Cannot answer a PHP node: it did not read within ${REPLY_TIMEOUT} ms`,
      );
    }
    await sent;
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
