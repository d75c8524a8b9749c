import { Client } from "../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../lib/gateway/clients/client_table.ts";
import { Ledger } from "../../../lib/gateway/clients/ledger.ts";
import { SlowClients } from "../../../lib/gateway/clients/slow_clients.ts";
import { FanOut } from "../../../lib/gateway/commands/fan_out.ts";
import { PhpPeers } from "../../../lib/gateway/php/php_peers.ts";
import { roomLogger } from "../../../lib/observe/logger.ts";
import { Refusals } from "../../../lib/peer/refusals.ts";
import { ReplyDecoder } from "../../../lib/php/packet_decoder.ts";
import { textOf } from "../../../lib/php/text.ts";
import type {
  CloseReason,
  SendResult,
} from "../../../lib/transport/connection.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";
import { FakeConnection } from "../../unit/gateway/_fake_connection.ts";
import {
  bytesOf,
  type Capture,
  type Connection,
  type Frame,
} from "./capture.ts";

/** What differs: who, what was recorded, and what ours did. */
export interface Difference {
  readonly who: string;
  readonly recorded: readonly string[];
  readonly ours: readonly string[];
}

/** A client's connection; what leaves raw is a frame of WebSocket, or a line. */
class RawConnection extends FakeConnection {
  readonly #ended: () => void;

  constructor(ended: () => void) {
    super();
    this.#ended = ended;
  }

  override sendRaw(bytes: Uint8Array): SendResult {
    return super.sendRaw(isMessage(bytes) ? bytes.subarray(2) : bytes);
  }

  override close(reason: CloseReason): void {
    super.close(reason);
    this.#ended();
  }

  override destroy(): void {
    super.destroy();
    this.#ended();
  }
}

/** A gateway without sockets: its clients are fakes, its nodes of PHP are in memory. */
class Stage implements AsyncDisposable {
  readonly table = new ClientTable({ firstId: 1 });
  readonly peers: PhpPeers;
  /** What came of each connection, by its id. */
  readonly heard = new Map<string, string[]>();
  readonly #links = new Map<string, MemoryConn>();
  readonly #clients = new Map<string, Client>();
  readonly #fakes = new Map<string, FakeConnection>();

  constructor(secretKey: string) {
    const ledger = new Ledger();
    this.peers = new PhpPeers({
      secretKey,
      maxSession: 1_000_000,
      table: this.table,
      fanOut: new FanOut(ledger, new SlowClients(ledger)),
      refusals: new Refusals(roomLogger("link"), "a link"),
      lan: { hostname: "127.0.0.1", port: 33100 },
      ports: () => [33200],
      open: () => {},
    });
  }

  /** A client is there from its first byte on. */
  join(id: string): void {
    if (this.#clients.has(id)) return;
    const taker = {
      takeMessage() {},
      takeEvent() {},
      onClientOpen() {},
      onClientClosed() {},
    } as unknown as ConstructorParameters<typeof Client>[2];
    const client = new Client(this.table.nextId(), 0, taker);
    const fake = new RawConnection(() => this.leave(id));
    client.connection = fake;
    this.table.add(client);
    this.#clients.set(id, client);
    this.#fakes.set(id, fake);
  }

  /** A client has gone. */
  leave(id: string): void {
    const client = this.#clients.get(id);
    if (client === undefined || client.connection === undefined) return;
    client.connection = undefined;
    this.table.depart(client);
  }

  /** What a client was sent. */
  sent(id: string): string[] {
    return this.#fakes.get(id)?.sent ?? [];
  }

  /** A node of PHP says something. */
  async say(id: string, { end, ...frame }: Frame): Promise<void> {
    const link = this.#links.get(id) ?? this.#dial(id);
    if (end === undefined) await link.write(bytesOf(frame)).catch(() => {});
    else await link.closeWrite();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.peers[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  #dial(id: string): MemoryConn {
    const [here, there] = MemoryConn.pair();
    this.#links.set(id, there);
    const heard: string[] = [];
    this.heard.set(id, heard);
    void this.peers.receive(here, new Uint8Array(0)).catch(() => {});
    void read(there, heard);
    return there;
  }
}

async function read(conn: MemoryConn, heard: string[]): Promise<void> {
  const decoder = new ReplyDecoder();
  const buffer = new Uint8Array(65_536);
  while (true) {
    const count = await conn.read(buffer);
    if (count === null) return;
    for (const reply of decoder.push(buffer.subarray(0, count))) {
      heard.push(textOf(reply));
    }
  }
}

/** Whether a scenario can be replayed without sockets: one gateway, which is not started anew. */
export function canReplayToGateway(capture: Capture): boolean {
  const gateways = new Set(
    capture.connections.filter(isInner).map(({ to }) => to),
  );
  const isPlain = [...gateways].every((name) =>
    name === "gateway" || name === "gateway-text"
  );
  return gateways.size === 1 && isPlain &&
    !/restart|stop|crash|lost|kill/.test(capture.scenario);
}

function isInner({ to, purpose }: Connection): boolean {
  return to.startsWith("gateway") && purpose !== "client link";
}

/** Says to a gateway of ours all that was recorded, and returns where it did something else. */
export async function replayToGateway(
  capture: Capture,
): Promise<Difference[]> {
  const isSecret = capture.connections.some(({ frames, to }) =>
    to.startsWith("gateway") &&
    frames.some(({ note = "" }) =>
      /"secret_key":"[^"]/.test(note) && note.startsWith("20")
    )
  );
  await using stage = new Stage(isSecret ? capture.config.secret ?? "" : "");
  const inner = capture.connections.filter(isInner);
  const clients = capture.connections.filter(({ purpose }) =>
    purpose === "client link"
  );
  const said = capture.connections.flatMap((connection) =>
    connection.frames.map((frame) => ({ connection, frame }))
  ).toSorted((a, b) =>
    a.frame.t_ms - b.frame.t_ms || rank(a.connection) - rank(b.connection)
  );
  for (const { connection, frame } of said) {
    const [, number = 0] = /^1 ON_CONNECT.* id (\d+) /.exec(frame.note) ?? [];
    const arrived = clients[Number(number) - 1];
    if (arrived !== undefined) stage.join(arrived.id);
    if (clients.includes(connection)) {
      if (frame.end === undefined) stage.join(connection.id);
      else stage.leave(connection.id);
    } else if (inner.includes(connection) && frame.dir === "->") {
      await stage.say(connection.id, frame);
    }
  }
  return [
    ...inner.map((link) => ({
      who: `${link.id} ${link.from}`,
      recorded: link.frames.filter(isReply).map((frame) =>
        textOf(bytesOf(frame).subarray(4))
      ),
      ours: stage.heard.get(link.id) ?? [],
    })),
    ...clients.map((client) => ({
      who: `${client.id} ${client.from}`,
      recorded: client.frames.flatMap((frame) =>
        messagesOf(frame, isText(client))
      ),
      ours: stage.sent(client.id),
    })),
  ].filter(({ recorded, ours }) =>
    JSON.stringify(recorded) !== JSON.stringify(ours)
  );
}

/** Within a millisecond, a client leaves after what it was told. */
function rank({ purpose }: Connection): number {
  return purpose === "client link" ? 1 : 0;
}

/** Whether a client speaks lines: it never says HTTP. */
function isText({ frames }: Connection): boolean {
  return !frames.some(({ note }) => /^HTTP/.test(note));
}

/** Whether bytes are a WebSocket frame that is a whole message. */
function isMessage([first]: Uint8Array): boolean {
  return first === 0x81 || first === 0x82;
}

function isReply({ dir, end, note }: Frame): boolean {
  return dir === "<-" && end === undefined && /^reply/.test(note);
}

/** What a client was sent, past its handshake, pings and closing. */
function messagesOf(frame: Frame, isText: boolean): string[] {
  const { dir, end, note } = frame;
  if (dir !== "<-" || end !== undefined || /^HTTP/.test(note)) return [];
  const bytes = bytesOf(frame);
  const decoder = new TextDecoder();
  if (isText) return [decoder.decode(bytes.subarray(0, -1))];
  if (!isMessage(bytes)) {
    return /^ws /.test(note) ? [] : [decoder.decode(bytes)];
  }
  const [, length = 0] = bytes;
  const start = length === 127 ? 10 : length === 126 ? 4 : 2;
  return [decoder.decode(bytes.subarray(start))];
}
