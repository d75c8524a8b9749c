import { parseAddress } from "../base/address.ts";
import { HandshakeError } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { dialPeer } from "../peer/dial_peer.ts";
import { Trust } from "../peer/trust.ts";
import { encodePacket, PhpCommand } from "../php/packet.ts";
import { gatewayIdOf } from "../wire/bodies/client_id.ts";
import { writeWhole } from "../base/write_whole.ts";
import { CommandLine, secretBody, throwIfOver } from "./command_line.ts";
import type { KnownClient } from "./known_client.ts";
import { select } from "./select.ts";
import { type EventStream, StandIn } from "./stand_in.ts";

const logger = roomLogger("original");

/** Milliseconds that a gateway may take to say whether it knows the key. */
const GREET_TIMEOUT = 10_000;

/**
 * The version of our link protocol that a stand-in speaks: the oldest, which has
 * nothing that the original could not do in some way.
 */
const VERSION = 2;

/**
 * Bytes of events that nobody has handled from which on no more are read. The gateway
 * then keeps 10 MB more, and drops what is above.
 */
const WINDOW = 1_048_576;

/**
 * Questions after which a worker may think that a gateway has seen its connection, which
 * it accepts, reads and answers one after another, and never acknowledges.
 */
const LOOKS = 3;

/** Who calls on a gateway. */
export interface Caller {
  /** A worker is told of events, a client only calls the cluster. */
  readonly role: "gateway" | "worker" | "client";
  /** Its name, for people. */
  readonly name: string;
  /** Differs for every start of a process. */
  readonly instance: string;
}

/** A gateway as a link sees it. */
export interface Greeted {
  /** The stand-in. */
  readonly conn: ByteStream;
  /** Who is behind it. */
  readonly peer: {
    readonly role: "gateway";
    readonly name: string;
    readonly instance: string;
    readonly address: string;
    readonly version: number;
  };
  /** What it would tell. */
  readonly welcome: { readonly gatewayId: string; readonly window: number };
}

/** One gateway of the original, and what is known of it from link to link. */
export class OriginalGateway {
  readonly #address: string;
  readonly #secretKey: string;
  /** The original has no name for one run of it: ours stands for what is known. */
  #instance: string = crypto.randomUUID();
  #clients = new Map<number, KnownClient>();

  /**
   * @param address Where it listens for workers, `ip:port`.
   * @param secretKey What it is shown, in clear; empty for none.
   */
  constructor(address: string, secretKey: string) {
    this.#address = address;
    this.#secretKey = secretKey;
  }

  /**
   * Connects, as a worker or a program.
   *
   * @param caller Who.
   * @param signal Ends the attempt.
   * @returns A stand-in that speaks as a gateway of ours does.
   * @throws {HandshakeError} If the gateway closed the connection: the keys differ.
   * @throws {SilentPeerError} If the time was over before it had answered everything.
   */
  async greet(caller: Caller, signal: AbortSignal): Promise<Greeted> {
    const target = parseAddress(this.#address);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(GREET_TIMEOUT)]);
    const line = await CommandLine.open(target, this.#secretKey, limit);
    const end = () => line.close();
    limit.addEventListener("abort", end);
    let events: EventStream | undefined;
    try {
      // An abort between the dial and this line was heard by nobody.
      limit.throwIfAborted();
      await this.#checkAge(line);
      const gone = await this.#findGone(line);
      if (caller.role === "worker") events = await this.#join(caller, limit);
      for (let look = 0; events !== undefined && look < LOOKS; look++) {
        await line.isOnline();
      }
      const gatewayId = gatewayIdOf(target);
      const conn = new StandIn({
        line,
        events,
        gone,
        gatewayId,
        address: this.#address,
        clients: this.#clients,
        window: WINDOW,
      });
      const name = "original";
      const instance = this.#instance;
      const peer = {
        role: "gateway",
        name,
        instance,
        address: this.#address,
        version: VERSION,
      } as const;
      return { conn, peer, welcome: { gatewayId, window: WINDOW } };
    } catch (error) {
      line.close();
      events?.close();
      throwIfOver(limit, this.#address);
      throw error;
    } finally {
      limit.removeEventListener("abort", end);
    }
  }

  /**
   * One of before 3.0.8 passes over what it is asked in silence: then each answer would
   * be taken for that to the question before.
   */
  async #checkAge(line: CommandLine): Promise<void> {
    const selected = select(line, { connections: [] });
    const answer = line.isOnline();
    try {
      await Promise.all([selected, answer]);
    } catch (cause) {
      throw new HandshakeError(
        `Cannot link to gateway "${this.#address}" of the original: it does not answer as one of version 3.0.8 and later does`,
        { cause },
      );
    }
  }

  /**
   * Finds those of the known clients that have gone while there was no link. If none is
   * there any more, the gateway may as well be another run, and counts as one.
   */
  async #findGone(line: CommandLine): Promise<Map<number, KnownClient>> {
    const gone = new Map(this.#clients);
    if (gone.size === 0) return gone;
    const connections = [...gone.keys()];
    for (const { id } of await select(line, { connections })) gone.delete(id);
    if (gone.size === this.#clients.size) {
      logger.info(
        "Gateway {address} of the original has none of its clients any more",
        { address: this.#address },
      );
      this.#instance = crypto.randomUUID();
      this.#clients = new Map();
      return new Map();
    }
    for (const id of gone.keys()) this.#clients.delete(id);
    for (const client of this.#clients.values()) client.retell();
    for (const client of gone.values()) client.retell();
    return gone;
  }

  /** Opens the connection on which events come. */
  async #join(
    { name, instance }: Caller,
    signal: AbortSignal,
  ): Promise<EventStream> {
    const target = parseAddress(this.#address);
    const conn = await dialPeer(target, Trust.NONE, signal);
    try {
      // Unlike a process's number, it is nobody else's, also of another worker's name.
      const body = secretBody(this.#secretKey, {
        "worker_key": `${name}:${instance}`,
      });
      const command = PhpCommand.WorkerConnect;
      await writeWhole(conn, encodePacket({ command, body }));
      return conn as Deno.TcpConn;
    } catch (error) {
      conn.close();
      throw error;
    }
  }
}
