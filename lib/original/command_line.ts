import { type Address, formatAddress } from "../base/address.ts";
import { closeQuietly } from "../base/close_quietly.ts";
import { Deque } from "../base/deque.ts";
import {
  HandshakeError,
  LinkClosedError,
  ProtocolError,
  SilentPeerError,
} from "../base/errors.ts";
import { writeWhole } from "../base/write_whole.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { dialPeer } from "../peer/dial_peer.ts";
import { Trust } from "../peer/trust.ts";
import {
  encodePacket,
  PhpCommand,
  type PhpPacketFields,
} from "../php/packet.ts";
import { joined } from "../base/joined.ts";
import { ReplyDecoder } from "../php/packet_decoder.ts";
import type { PhpValue } from "../php/php_value.ts";
import { unserialize } from "../php/unserialize.ts";

/** Longest reply, in bytes: the sessions of all clients come in one. */
const MAX_REPLY = 64 * 1024 * 1024;

const READ_LENGTH = 65_536;

const encoder = new TextEncoder();

/** Somebody who has asked. */
interface Asked {
  readonly resolve: (value: PhpValue) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The connection on which a gateway of the original is told and asked everything. Its
 * replies name no question: they come in the order in which was asked, so whoever cannot
 * tell any more which is which must end the connection. And as all commands take this one
 * way, an answer comes after all that was told before.
 */
export class CommandLine {
  readonly #conn: ByteStream;
  readonly #address: string;
  readonly #asked = new Deque<Asked>();
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #isOver = false;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;

  private constructor(conn: ByteStream, address: string) {
    this.#conn = conn;
    this.#address = address;
    this.closed = this.#read();
    // Whoever asks is told; nobody else waits for the end.
    this.closed.catch(() => {});
  }

  /**
   * Connects, shows the key if there is one, and finds out whether it fits.
   *
   * @param address The gateway.
   * @param secretKey What is shown to it, in clear.
   * @param signal Ends the attempt.
   * @throws {HandshakeError} If it closed the connection: the keys differ.
   * @throws {SilentPeerError} If the time was over before it answered.
   */
  static async open(
    address: Address,
    secretKey: string,
    signal: AbortSignal,
  ): Promise<CommandLine> {
    const conn = await dialPeer(address, Trust.NONE, signal);
    const name = formatAddress(address);
    const line = new CommandLine(conn, name);
    const end = () => line.close();
    signal.addEventListener("abort", end);
    try {
      if (secretKey !== "") {
        const command = PhpCommand.GatewayClientConnect;
        line.send({ command, body: secretBody(secretKey) });
      }
      await line.isOnline();
      return line;
    } catch (cause) {
      line.close();
      throwIfOver(signal, name);
      throw new HandshakeError(
        `Cannot link to gateway "${name}" of the original: it closed the connection; the usual cause is a --php-secret-key that differs`,
        { cause },
      );
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  /**
   * Tells the gateway something, in order with all else.
   *
   * @throws {RangeError} If it is too long for any packet.
   */
  send(packet: PhpPacketFields): void {
    if (this.#isOver) return;
    this.#waiting.push(encodePacket(packet));
    this.#writing ??= this.#write();
  }

  /**
   * Asks the gateway something, in order with all else.
   *
   * @throws {RangeError} If it is too long for any packet.
   * @throws {LinkClosedError} If the connection ends before the answer.
   */
  ask(packet: PhpPacketFields): Promise<PhpValue> {
    if (this.#isOver) return Promise.reject(this.#lost());
    this.send(packet);
    const { promise, resolve, reject } = Promise.withResolvers<PhpValue>();
    this.#asked.push({ resolve, reject });
    return promise;
  }

  /**
   * Asks whether a client is there. Without one, it is the shortest question: its answer
   * says that the gateway has come to all before it.
   *
   * @throws {LinkClosedError} If the connection ends before the answer.
   */
  async isOnline(connectionId = 0): Promise<boolean> {
    const command = PhpCommand.IsOnline;
    return await this.ask({ command, connectionId }) === 1;
  }

  /** Resolves when what was told has been handed to the operating system. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Ends it now. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    closeQuietly(this.#conn);
    for (
      let asked = this.#asked.shift();
      asked !== undefined;
      asked = this.#asked.shift()
    ) asked.reject(this.#lost());
  }

  async #write(): Promise<void> {
    // What is told in the same turn leaves together.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0 && !this.#isOver) {
        const packets = this.#waiting.splice(0);
        await writeWhole(this.#conn, joined(packets));
      }
    } catch {
      // The gateway has gone: whoever reads sees the end.
      this.close();
    }
    this.#writing = undefined;
  }

  async #read(): Promise<void> {
    const decoder = new ReplyDecoder(MAX_REPLY);
    const buffer = new Uint8Array(READ_LENGTH);
    try {
      while (true) {
        const count = await this.#conn.read(buffer);
        if (count === null) return;
        for (const reply of decoder.push(buffer.subarray(0, count))) {
          const asked = this.#asked.shift();
          if (asked === undefined) {
            throw new ProtocolError(
              `Cannot read what gateway "${this.#address}" of the original says: nothing was asked`,
            );
          }
          this.#answer(asked, reply);
        }
      }
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      // The connection broke: that is its end.
    } finally {
      this.close();
    }
  }

  /** Tells whoever asked; what cannot be read ends the connection, too. */
  #answer({ resolve, reject }: Asked, reply: Uint8Array): void {
    try {
      resolve(unserialize(reply, { maxSize: MAX_REPLY }));
    } catch (error) {
      reject(error as Error);
      throw error;
    }
  }

  #lost(): LinkClosedError {
    return new LinkClosedError(
      `Cannot use gateway "${this.#address}" of the original: it closed the connection`,
    );
  }
}

/**
 * Throws if an attempt to link has ended early.
 *
 * @param signal What ends it.
 * @param gateway Where it leads.
 * @throws {SilentPeerError} If its time was over; otherwise the signal's reason.
 */
export function throwIfOver(signal: AbortSignal, gateway: string): void {
  const { reason } = signal;
  if (reason instanceof DOMException && reason.name === "TimeoutError") {
    throw new SilentPeerError(
      `Cannot link to gateway "${gateway}" of the original: it took the connection, and says nothing`,
    );
  }
  signal.throwIfAborted();
}

/** What shows the key. */
export function secretBody(
  secretKey: string,
  more: Readonly<Record<string, string>> = {},
): Uint8Array {
  return encoder.encode(JSON.stringify({ ...more, "secret_key": secretKey }));
}
