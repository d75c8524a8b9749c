import { writeWhole } from "../../lib/base/write_whole.ts";
import {
  encodePacket,
  PhpCommand,
  type PhpPacket,
  type PhpPacketFields,
} from "../../lib/php/packet.ts";
import { PacketDecoder, ReplyDecoder } from "../../lib/php/packet_decoder.ts";
import { bytesOf, textOf } from "../../lib/php/text.ts";
import { Inbox } from "./inbox.ts";

/** A packet whose texts can be read. */
export interface ReadPacket extends Omit<PhpPacket, "extra" | "body"> {
  readonly extra: string;
  readonly body: string;
}

/** What a packet is made of, with texts in it. */
export type WrittenPacket =
  & Omit<PhpPacketFields, "extra" | "body">
  & { readonly extra?: string; readonly body?: string };

/** Writes a packet. */
export function packetOf({ extra, body, ...fields }: WrittenPacket) {
  return encodePacket({
    ...fields,
    ...(extra === undefined ? {} : { extra: bytesOf(extra) }),
    ...(body === undefined ? {} : { body: bytesOf(body) }),
  });
}

/** Writes the packet that a worker begins with. */
export function workerHello(name: string, key = ""): Uint8Array<ArrayBuffer> {
  const body = JSON.stringify({ worker_key: name, secret_key: key });
  return packetOf({ command: PhpCommand.WorkerConnect, body });
}

/** Writes the packet that a program with a key begins with. */
export function programHello(key: string): Uint8Array<ArrayBuffer> {
  const body = JSON.stringify({ secret_key: key });
  return packetOf({ command: PhpCommand.GatewayClientConnect, body });
}

/** A node of the original, made by hand: what it sends is said byte by byte. */
export class PhpWire implements Disposable {
  readonly #conn: Deno.TcpConn;
  /** Packets that came, pings apart; of a worker. */
  readonly packets = new Inbox<ReadPacket>();
  /** Answers that came, serialized; of a program. */
  readonly replies = new Inbox<string>();
  /** Resolves when the gateway has ended the connection. */
  readonly closed: Promise<void>;

  private constructor(conn: Deno.TcpConn, kind: "worker" | "program") {
    this.#conn = conn;
    this.closed = kind === "worker" ? this.#readPackets() : this.#readReplies();
  }

  /** Connects to a gateway's port for workers. */
  static async dial(
    address: string,
    kind: "worker" | "program",
  ): Promise<PhpWire> {
    const [hostname = "", port] = address.split(":");
    return new PhpWire(
      await Deno.connect({ hostname, port: Number(port) }),
      kind,
    );
  }

  /** Connects as a worker, and says so. */
  static async worker(
    address: string,
    name = "BW:0",
    key = "",
  ): Promise<PhpWire> {
    const wire = await PhpWire.dial(address, "worker");
    await wire.send(workerHello(name, key));
    return wire;
  }

  /** Sends one write. */
  async send(...parts: readonly Uint8Array[]): Promise<void> {
    const whole = new Uint8Array(parts.flatMap((part) => [...part]));
    await writeWhole(this.#conn, whole);
  }

  /** Sends a packet. */
  async command(packet: WrittenPacket): Promise<void> {
    await this.send(packetOf(packet));
  }

  /** Sends a packet and waits for the answer. */
  async ask(packet: WrittenPacket): Promise<string> {
    await this.command(packet);
    return await this.replies.next();
  }

  /** Says that nothing more will come. */
  async end(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Ends the connection. */
  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // Closed already.
    }
  }

  async #readPackets(): Promise<void> {
    const decoder = new PacketDecoder();
    for await (const chunk of this.#chunks()) {
      for (const { extra, body, ...packet } of decoder.push(chunk)) {
        if (packet.command === PhpCommand.Ping) continue;
        const read = { extra: textOf(extra), body: textOf(body) };
        this.packets.push({ ...packet, ...read });
      }
    }
  }

  async #readReplies(): Promise<void> {
    const decoder = new ReplyDecoder();
    for await (const chunk of this.#chunks()) {
      for (const reply of decoder.push(chunk)) this.replies.push(textOf(reply));
    }
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(65_536);
    try {
      while (true) {
        const count = await this.#conn.read(buffer);
        if (count === null) return;
        yield buffer.slice(0, count);
      }
    } catch {
      // The gateway closed while bytes were on their way, or the test did.
    }
  }
}
