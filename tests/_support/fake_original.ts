import { closeQuietly } from "../../lib/base/close_quietly.ts";
import { type Packet, readPackets } from "./original_packet.ts";

const encoder = new TextEncoder();

/** What a gateway without clients that are there answers, by command. */
const ANSWERS: Readonly<Record<number, string>> = {
  11: "i:1;",
  24: "i:0;",
  25: "a:0:{}",
  26: "a:0:{}",
  203: "a:0:{}",
};

/** A gateway of the original that says what it is told to, and keeps what it is told. */
export class FakeOriginal implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns = new Set<Deno.TcpConn>();
  readonly #joined = Promise.withResolvers<Deno.TcpConn>();
  readonly #left = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  /** What it answers instead of what it would. */
  readonly answers = new Map<number, string>();
  /** The command at which it falls silent. */
  silencedBy: number | undefined;
  /** Whether it answers nothing at all, as one that stands still. */
  isSilent = false;
  /** Whether it leaves the connection of a worker open that has ended its side. */
  isSlow = false;
  /** The key that it wants; none if absent. */
  secretKey: string | undefined;
  /** Commands that came, but for what shows the key. */
  readonly commands: Packet[] = [];
  #worker: Deno.TcpConn | undefined;
  /** What came first on the connection of a worker. */
  workerConnect: Packet | undefined;
  /** What showed the key on others. */
  readonly clientConnects: Packet[] = [];

  constructor() {
    this.#done = this.#accept();
  }

  /** What it announces. */
  get address(): string {
    const { hostname, port } = this.#listener.addr as Deno.NetAddr;
    return `${hostname}:${port}`;
  }

  /** Waits until the worker has ended its side of the connection. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** Ends the connection of the worker that has joined. */
  async hangUp(): Promise<void> {
    closeQuietly(await this.#joined.promise);
  }

  /** Ends all connections. */
  cut(): void {
    for (const conn of this.#conns) closeQuietly(conn);
  }

  /** Says something to the worker that has joined. */
  async say(bytes: Uint8Array): Promise<void> {
    const conn = await this.#joined.promise;
    for (let at = 0; at < bytes.length;) {
      at += await conn.write(bytes.subarray(at));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) closeQuietly(conn);
    await this.#done;
  }

  async #accept(): Promise<void> {
    const talks: Promise<void>[] = [];
    for await (const conn of this.#listener) {
      this.#conns.add(conn);
      talks.push(this.#talk(conn));
    }
    await Promise.all(talks);
  }

  async #talk(conn: Deno.TcpConn): Promise<void> {
    let held = new Uint8Array();
    const buffer = new Uint8Array(65_536);
    try {
      while (true) {
        const count = await conn.read(buffer);
        if (count === null) {
          if (conn !== this.#worker) break;
          this.#left.resolve();
          if (this.isSlow) return;
          break;
        }
        const all = new Uint8Array([...held, ...buffer.subarray(0, count)]);
        const { packets, rest } = readPackets(all);
        held = rest;
        for (const packet of packets) await this.#take(conn, packet);
      }
    } catch {
      // The other side has gone, or the test is over.
    }
    closeQuietly(conn);
  }

  async #take(conn: Deno.TcpConn, packet: Packet): Promise<void> {
    if (packet.command === 200) {
      this.workerConnect = packet;
      this.#worker = conn;
      return this.#joined.resolve(conn);
    }
    if (packet.command === 202) {
      this.clientConnects.push(packet);
      const said = JSON.parse(new TextDecoder().decode(packet.body));
      if (said["secret_key"] !== (this.secretKey ?? said["secret_key"])) {
        closeQuietly(conn);
      }
      return;
    }
    this.commands.push(packet);
    const { command } = packet;
    const answer = this.answers.get(command) ?? ANSWERS[command];
    this.isSilent ||= command === this.silencedBy;
    if (answer === undefined || this.isSilent) return;
    const reply = new Uint8Array(4 + answer.length);
    new DataView(reply.buffer).setUint32(0, answer.length);
    reply.set(encoder.encode(answer), 4);
    await conn.write(reply);
  }
}
