/**
 * One message to many clients, as far as it is not I/O: each connection here only
 * counts. The baseline encodes the message for every client.
 *
 *     deno bench -A tests/bench/fan_out_bench.ts
 *
 * @module
 */
import { Client, type EventTaker } from "../../lib/gateway/clients/client.ts";
import { FanOut } from "../../lib/gateway/commands/fan_out.ts";
import { Ledger } from "../../lib/gateway/clients/ledger.ts";
import { SlowClients } from "../../lib/gateway/clients/slow_clients.ts";
import type {
  Connection,
  OutputCodec,
  SendResult,
} from "../../lib/transport/connection.ts";
import { webSocketCodec } from "../../lib/transport/websocket/frames/websocket_frame.ts";

const NOBODY: EventTaker = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};

/** A connection that counts. */
class Counter implements Connection {
  readonly codec: OutputCodec = webSocketCodec;
  readonly remoteAddress = "127.0.0.1:1";
  readonly queuedBytes = 0;
  readonly activity = 0;
  readonly dropped = 0;
  readonly isPaused = false;
  readonly isOpen = true;
  bytes = 0;

  send(_source: Uint8Array, start: number, end: number): SendResult {
    this.bytes += end - start;
    return "queued";
  }

  sendEncoded(frame: Uint8Array): SendResult {
    this.bytes += frame.length;
    return "queued";
  }

  sendRaw(bytes: Uint8Array): SendResult {
    return this.sendEncoded(bytes);
  }

  offer(frame: Uint8Array): SendResult {
    return this.sendEncoded(frame);
  }

  ping(): boolean {
    return true;
  }

  close(): void {}

  destroy(): void {}

  pause(): void {}

  resume(): void {}
}

const payload = new Uint8Array(64).fill(122);

for (const members of [1, 30, 900]) {
  const clients = new Set(Array.from({ length: members }, (_, i) => member(i)));
  const ledger = new Ledger();
  const fanOut = new FanOut(ledger, new SlowClients(ledger));
  const group = `64 B to a group of ${members}`;

  Deno.bench({
    name: "encoded for each",
    group,
    baseline: true,
    fn() {
      for (const { connection } of clients) {
        connection?.sendEncoded(connection.codec.encode(payload, false));
      }
    },
  });

  Deno.bench({
    name: "FanOut.send()",
    group,
    fn: () => void fanOut.send(clients, { payload, flags: 0 }),
  });

  const [first] = clients;
  const exclude = [first?.connectionId ?? 0];
  Deno.bench({
    name: "FanOut.send() without one of them",
    group,
    fn: () => void fanOut.send(clients, { payload, flags: 0, exclude }),
  });
}

function member(i: number): Client {
  const client = new Client(i + 1, 0, NOBODY);
  client.connection = new Counter();
  return client;
}
