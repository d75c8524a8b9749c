import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../lib/base/errors.ts";
import {
  encodePacket,
  ipNumber,
  ipText,
  MAX_PACKET,
  PhpCommand,
} from "../../../lib/php/packet.ts";
import {
  encodeReply,
  PacketDecoder,
  ReplyDecoder,
} from "../../../lib/php/packet_decoder.ts";
import { listOf } from "../../../lib/php/php_value.ts";
import {
  gatewayConnectLine,
  PING_LINE,
  readAddresses,
  workerConnectLine,
} from "../../../lib/php/register_lines.ts";
import { bytesOf, textOf } from "../../../lib/php/text.ts";

/** Headers and packets that were seen on the wire of the original. */
const SEEN = [
  {
    packet: { command: PhpCommand.Ping },
    hex: "0000001cc90000000000000000000000000000000001000000000000",
  },
  {
    packet: {
      command: 200,
      body: bytesOf('{"worker_key":"BW:0","secret_key":""}'),
    },
    hex: "00000041c80000000000000000000000000000000001000000000000",
  },
  {
    packet: { command: 5, connectionId: 1, flags: 3, body: bytesOf("hi") },
    hex: "0000001e050000000000000000000000000000000103000000000000",
  },
  {
    packet: { command: 7, connectionId: 1, flags: 0, body: bytesOf("N;") },
    hex: "0000001e070000000000000000000000000000000100000000000000",
  },
  {
    packet: {
      command: 6,
      extra: bytesOf('{"exclude":{"7":7}}'),
      body: bytesOf("x"),
    },
    hex: "00000030060000000000000000000000000000000001000000000013",
  },
  {
    packet: {
      command: PhpCommand.OnConnect,
      localIp: ipNumber("127.0.0.1"),
      localPort: 12900,
      clientIp: ipNumber("127.0.0.1"),
      clientPort: 37726,
      connectionId: 2,
      gatewayPort: 18282,
    },
    hex: "0000001c017f00000132647f000001935e0000000201476a00000000",
  },
];

Deno.test("encodePacket() writes the packets of the original", () => {
  for (const { packet, hex } of SEEN) {
    assertEquals(encodePacket(packet).subarray(0, 28).toHex(), hex);
  }
});

Deno.test("PacketDecoder.push() finds packets wherever they are cut", () => {
  const stream = SEEN.flatMap(({ packet }) => [...encodePacket(packet)]);
  for (let size = 1; size < stream.length; size += 5) {
    const decoder = new PacketDecoder();
    const found: string[] = [];
    for (let at = 0; at < stream.length; at += size) {
      const chunk = new Uint8Array(stream.slice(at, at + size));
      for (const packet of decoder.push(chunk)) {
        found.push(encodePacket(packet).toHex());
      }
    }
    assertEquals(
      found,
      SEEN.map(({ packet }) => encodePacket(packet).toHex()),
    );
  }
});

Deno.test("PacketDecoder.push() refuses lengths that no packet has", () => {
  for (const length of [0, 27, MAX_PACKET + 1]) {
    const chunk = new Uint8Array(28);
    new DataView(chunk.buffer).setUint32(0, length);
    const push = () => [...new PacketDecoder().push(chunk)];
    assertThrows(push, ProtocolError, `it is ${length}`);
  }
  const chunk = encodePacket({ command: 5 });
  chunk[27] = 1;
  const push = () => [...new PacketDecoder().push(chunk)];
  assertThrows(push, ProtocolError, "extra data");
});

Deno.test("PacketDecoder.push() yields what comes before bytes that are no packet", () => {
  const chunk = new Uint8Array(56);
  chunk.set(encodePacket({ command: 201 }));
  const found: number[] = [];
  assertThrows(() => {
    for (const { command } of new PacketDecoder().push(chunk)) {
      found.push(command);
    }
  }, ProtocolError);
  assertEquals(found, [201]);
});

Deno.test("encodePacket() refuses what no node of the original would take", () => {
  const body = new Uint8Array(MAX_PACKET - 27);
  assertThrows(
    () => encodePacket({ command: 5, body }),
    RangeError,
    "10485760",
  );
  encodePacket({ command: 5, body: body.subarray(1) });
});

Deno.test("ReplyDecoder.push() finds what encodeReply() wrote", () => {
  const replies = [null, listOf([1, "zwei"]), 3].map(encodeReply);
  const found = replies.flatMap((reply) => [...new ReplyDecoder().push(reply)]);
  assertEquals(
    found.map(textOf),
    ["N;", 'a:2:{i:0;i:1;i:1;s:4:"zwei";}', "i:3;"],
  );
  const empty = () => [...new ReplyDecoder().push(new Uint8Array(4))];
  assertThrows(empty, ProtocolError, "reply");
});

Deno.test("ipNumber() and ipText() go by the octets, and 0 is any other host", () => {
  assertEquals(ipText(ipNumber("255.1.0.7")), "255.1.0.7");
  assertEquals(["::1", "host", "1.2.3", "1.2.3.256", ""].map(ipNumber), [
    0,
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("readAddresses() takes a list, and an object in its place", () => {
  const line = (addresses: unknown) =>
    JSON.stringify({ event: "broadcast_addresses", addresses });

  assertEquals(readAddresses(line([])), []);
  assertEquals(readAddresses(line(["a:1", "b:2"])), ["a:1", "b:2"]);
  assertEquals(readAddresses(line({ 0: "a:1", 2: "b:2" })), ["a:1", "b:2"]);
  assertEquals(readAddresses(line(["a:1", "a:1"])), ["a:1"]);
  assertEquals(readAddresses('{"event":"pong"}'), undefined);
  for (const wrong of [line(null), line([1]), line("a:1"), "", "[]", "{"]) {
    assertThrows(() => readAddresses(wrong), ProtocolError);
  }
});

Deno.test("lines to a Register of the original are JSON, one each", () => {
  const read = (line: Uint8Array) => JSON.parse(textOf(line));

  assertEquals(read(PING_LINE), { event: "ping" });
  assertEquals(read(workerConnectLine("k")), {
    event: "worker_connect",
    secret_key: "k",
  });
  assertEquals(read(gatewayConnectLine("10.0.0.1:2900", "")), {
    event: "gateway_connect",
    address: "10.0.0.1:2900",
    secret_key: "",
  });
});
