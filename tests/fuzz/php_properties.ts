import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { HandshakeError, ProtocolError } from "../../lib/base/errors.ts";
import { Client } from "../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../lib/gateway/clients/client_table.ts";
import { Ledger } from "../../lib/gateway/clients/ledger.ts";
import { SlowClients } from "../../lib/gateway/clients/slow_clients.ts";
import { FanOut } from "../../lib/gateway/commands/fan_out.ts";
import { PhpPeers } from "../../lib/gateway/php/php_peers.ts";
import { parseQuery } from "../../lib/gateway/php/query_string.ts";
import { roomLogger } from "../../lib/observe/logger.ts";
import { Refusals } from "../../lib/peer/refusals.ts";
import { encodePacket, PhpCommand } from "../../lib/php/packet.ts";
import { PacketDecoder } from "../../lib/php/packet_decoder.ts";
import { readAddresses } from "../../lib/php/register_lines.ts";
import { serialize } from "../../lib/php/serialize.ts";
import { bytesOf, textOf } from "../../lib/php/text.ts";
import { unserialize } from "../../lib/php/unserialize.ts";
import { MemoryConn } from "../_support/memory_conn.ts";
import { packetOf } from "../_support/php_wire.ts";
import { FakeConnection } from "../unit/gateway/_fake_connection.ts";
import { chunkings } from "./arbitraries.ts";
import type { Property } from "./properties.ts";

/** Longest packet that the decoder under test takes. */
const MAX_LENGTH = 120;

/** Pieces that serialized values are made of, and what is nearly so. */
const serialized = fc.oneof(
  fc.array(
    fc.constantFrom(
      ...["N;", "b:1;", "i:7;", "i:-0;", "d:0.5;", "d:INF;", 's:1:"a";'],
      ...['s:2:"a";', "a:1:{", "a:0:{}", "a:2:{i:0;", "}", "R:1;", "r:2;"],
      ...['O:1:"A":1:{', 'E:3:"A:B";', 'C:1:"A":1:{x}', "i:0;", ";", ":"],
    ),
    { maxLength: 8 },
  ).map((parts) => bytesOf(parts.join(""))),
  fc.uint8Array({ maxLength: 20 }),
);

/** What packets carry beside their body. */
const extras = fc.oneof(
  serialized,
  fc.json({ maxDepth: 3 }).map(bytesOf),
  fc.constantFrom(
    ...[
      "",
      "0",
      "g",
      "7",
      '{"connections":{"1":1,"2":2}}',
      '{"exclude":[1,2]}',
      '{"connections":null}',
      '{"group":["g","7"],"exclude":{"1":1}}',
      '[1,"7",1.5,true,null,{}]',
      '{"fields":["uid","groups","session"],"where":{"groups":["g"]}}',
      '{"fields":7,"where":"x"}',
      '{"fields":["uid"],"where":{"connection_id":{"1":1},"uid":["7"]}}',
    ].map(bytesOf),
  ),
);

const packets = fc.record({
  command: fc.oneof(
    fc.constantFrom(...Object.values(PhpCommand)),
    fc.nat(255),
  ),
  connectionId: fc.constantFrom(0, 1, 2, 3, 0xffff_ffff),
  flags: fc.nat(3),
  extra: extras,
  body: extras,
}).map((fields) => encodePacket(fields));

/** Packets in a row, and then what is none. */
const streams = fc.tuple(
  fc.array(packets, { maxLength: 6 }),
  fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 40 })),
).map(([whole, rest]) => {
  const bytes = [...whole, rest].flatMap((part) => [...part]);
  return new Uint8Array(bytes);
});

/** What a decoder says of pieces. */
function decodes(pieces: Iterable<Uint8Array>): string[] {
  const decoder = new PacketDecoder(MAX_LENGTH);
  const said: string[] = [];
  try {
    for (const piece of pieces) {
      for (const packet of decoder.push(piece)) {
        said.push(encodePacket(packet).toHex());
      }
    }
  } catch (error) {
    assert(error instanceof ProtocolError);
    said.push("closed");
  }
  return said;
}

/** What is to be said of all bytes at once. */
function packetsSay(whole: Uint8Array): string[] {
  const said: string[] = [];
  const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
  for (let at = 0; whole.length - at >= 4;) {
    const length = view.getUint32(at);
    if (length < 28 || length > MAX_LENGTH) return [...said, "closed"];
    if (at + length > whole.length) return said;
    if (view.getUint32(at + 24) > length - 28) return [...said, "closed"];
    said.push(whole.subarray(at, at + length).toHex());
    at += length;
  }
  return said;
}

/** A gateway's clients 1 to 3, and whoever comes from PHP. */
class Fixture {
  readonly refusals = new Refusals(roomLogger("link"), "a link");
  readonly table = new ClientTable();
  readonly peers: PhpPeers;

  constructor() {
    const ledger = new Ledger();
    for (const id of [1, 2, 3]) {
      const client = new Client(
        id,
        0,
        {
          takeMessage() {},
          takeRequest: () => true,
          takeEvent() {},
          onClientOpen() {},
          onClientClosed() {},
        } as unknown as ConstructorParameters<typeof Client>[2],
      );
      client.connection = new FakeConnection();
      this.table.add(client);
    }
    this.peers = new PhpPeers({
      secretKey: "",
      maxSession: 1_000,
      table: this.table,
      fanOut: new FanOut(ledger, new SlowClients(ledger)),
      refusals: this.refusals,
      lan: { hostname: "127.0.0.1", port: 2000 },
      ports: () => [8282],
      open: () => {},
    });
  }

  /** Says something as a node of PHP, and reads all that is answered until the end. */
  async say(bytes: Uint8Array): Promise<Uint8Array> {
    const [here, there] = MemoryConn.pair();
    await there.write(bytes);
    await there.closeWrite();
    await this.peers.receive(here, new Uint8Array(0)).catch((error) => {
      assert(
        error instanceof ProtocolError || error instanceof HandshakeError,
        String(error),
      );
    });
    const answers: number[] = [];
    const buffer = new Uint8Array(4_096);
    while (true) {
      const count = await there.read(buffer);
      if (count === null) return new Uint8Array(answers);
      answers.push(...buffer.subarray(0, count));
    }
  }
}

const IS_ONLINE = packetOf({ command: PhpCommand.IsOnline, connectionId: 9 });

/** What holds for everything that reads what nodes of the original say. */
export const PHP_PROPERTIES: readonly Property[] = [
  {
    name: "PacketDecoder says what a simple reference says",
    run: (parameters) =>
      fc.assert(
        fc.property(chunkings(streams), ({ whole, pieces }) => {
          const expected = packetsSay(whole);
          assertEquals(decodes([whole.slice()]), expected);
          assertEquals(decodes(pieces.map((piece) => piece.slice())), expected);
        }),
        parameters,
      ),
  },
  {
    name: "unserialize() refuses bytes, or reads what it would write itself",
    run: (parameters) =>
      fc.assert(
        fc.property(serialized, (bytes) => {
          try {
            const value = unserialize(bytes);
            assertEquals(unserialize(serialize(value)), value);
          } catch (error) {
            assert(error instanceof ProtocolError, String(error));
          }
        }),
        parameters,
      ),
  },
  {
    name: "textOf() of any bytes gives these bytes back",
    run: (parameters) =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
          assertEquals([...bytesOf(textOf(bytes))], [...bytes]);
        }),
        parameters,
      ),
  },
  {
    name: "parseQuery() and readAddresses() read any text, or refuse it",
    run: (parameters) =>
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string({ unit: "binary" }),
            fc.array(fc.constantFrom(..."ab=&[]%2F+._")).map((all) =>
              all.join("")
            ),
          ),
          (text) => {
            assertEquals(
              unserialize(serialize(parseQuery(text))),
              parseQuery(text),
            );
            try {
              readAddresses(text);
            } catch (error) {
              assert(error instanceof ProtocolError);
            }
          },
        ),
        parameters,
      ),
  },
  {
    name: "whatever a node of PHP says, others are answered as before",
    run: (parameters) =>
      fc.assert(
        fc.asyncProperty(streams, async (bytes) => {
          const fixture = new Fixture();
          await fixture.say(bytes);
          assert(fixture.refusals.count <= 1);
          assertEquals(
            textOf(await fixture.say(IS_ONLINE)),
            "\0\0\0\x04i:0;",
          );
          assertEquals(fixture.peers.figures.workers, 0);
          assertEquals(fixture.peers.figures.programs, 0);
        }),
        parameters,
      ),
  },
];
