import {
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../lib/base/errors.ts";
import { decodeRegisterMessage } from "../../../lib/roster/register_decoder.ts";
import {
  encodeRegisterMessage,
  type RegisterMessage,
} from "../../../lib/roster/register_message.ts";

function encodeToText(message: RegisterMessage): string {
  return new TextDecoder().decode(encodeRegisterMessage(message));
}

function decodeFields(fields: unknown): unknown {
  return decodeRegisterMessage(JSON.stringify(fields));
}

Deno.test("decodeRegisterMessage() reads what gateways of the original send", () => {
  assertEquals(
    decodeRegisterMessage(
      '{"event":"gateway_connect", "address":"127.0.0.1:33100", "secret_key":"right"}',
    ),
    {
      event: "gateway_connect",
      address: "127.0.0.1:33100",
      secretKey: "right",
    },
  );
});

Deno.test("decodeRegisterMessage() reads keys in any order and ignores unknown ones", () => {
  assertEquals(
    decodeRegisterMessage('{"secret_key":"k","x":1,"event":"worker_connect"}'),
    { event: "worker_connect", secretKey: "k" },
  );
});

Deno.test("decodeRegisterMessage() reads what a role tells about itself", () => {
  assertEquals(
    decodeFields({
      event: "worker_connect",
      name: "ChatWorker",
      instance: "a1",
      version: "1.2.3",
      role: "worker",
      pid: 77,
    }),
    {
      event: "worker_connect",
      secretKey: "",
      name: "ChatWorker",
      instance: "a1",
      version: "1.2.3",
      role: "worker",
      pid: 77,
    },
  );
});

Deno.test("decodeRegisterMessage() leaves out facts of the wrong type or size", () => {
  assertEquals(
    decodeFields({
      event: "worker_connect",
      name: 7,
      version: "v".repeat(257),
      role: null,
      pid: 1.5,
    }),
    { event: "worker_connect", secretKey: "" },
  );
});

Deno.test("decodeRegisterMessage() takes a missing or null key for an empty one", () => {
  const empty = { event: "worker_connect", secretKey: "" };

  assertEquals(decodeFields({ event: "worker_connect" }), empty);
  assertEquals(
    decodeFields({ event: "worker_connect", "secret_key": null }),
    empty,
  );
});

Deno.test("decodeRegisterMessage() reads a list of addresses", () => {
  assertEquals(
    decodeRegisterMessage(
      '{"event":"broadcast_addresses","addresses":["10.0.0.1:2900","[fd00::1]:2900"]}',
    ),
    {
      event: "broadcast_addresses",
      addresses: ["10.0.0.1:2900", "[fd00::1]:2900"],
    },
  );
});

Deno.test("decodeRegisterMessage() reads the object with gaps that the original sends", () => {
  assertEquals(
    decodeRegisterMessage(
      '{"event":"broadcast_addresses","addresses":{"0":"10.0.0.1:2900","1":"10.0.0.2:2900","3":"10.0.0.3:2900"}}',
    ),
    {
      event: "broadcast_addresses",
      addresses: ["10.0.0.1:2900", "10.0.0.2:2900", "10.0.0.3:2900"],
    },
  );
});

Deno.test("decodeRegisterMessage() leaves out addresses that nobody can dial, and duplicates", () => {
  const addresses = ["a:1", "b", 3, null, "c:0", "a:1", "d:99999", "e:2"];

  assertEquals(
    decodeFields({ event: "broadcast_addresses", addresses }),
    { event: "broadcast_addresses", addresses: ["a:1", "e:2"] },
  );
});

for (
  const [what, fields, reason] of [
    ["an unknown event", { event: "statistics" }, '"statistics" is not known'],
    ["an event that is no text", { event: 12 }, '"number" is not known'],
    ["a gateway without address", { event: "gateway_connect" }, "address"],
    [
      "a gateway with an empty address",
      { event: "gateway_connect", address: "" },
      "address",
    ],
    [
      "a gateway at port 0",
      { event: "gateway_connect", address: "10.0.0.1:0" },
      "address",
    ],
    [
      "a key that is no text",
      { event: "worker_connect", "secret_key": 1 },
      "secret key",
    ],
    [
      "addresses that are no list",
      { event: "broadcast_addresses", addresses: "a:1" },
      "addresses",
    ],
  ] as const
) {
  Deno.test(`decodeRegisterMessage() does not recognize ${what}`, () => {
    const message = decodeRegisterMessage(JSON.stringify(fields));

    assertEquals(message.event, "unrecognized");
    assertStringIncludes("reason" in message ? message.reason : "", reason);
  });
}

for (
  const line of [
    "",
    "hello",
    "12",
    "null",
    "[]",
    '"ping"',
    '{"event"',
    "{}",
    '{"event":""}',
    '{"event":"0"}',
    '{"event":0}',
    '{"event":null}',
    '{"event":false}',
  ]
) {
  Deno.test(`decodeRegisterMessage() throws ProtocolError for the line ${JSON.stringify(line)}`, () => {
    assertThrows(
      () => decodeRegisterMessage(line),
      ProtocolError,
      "Cannot read register message",
    );
  });
}

Deno.test("decodeRegisterMessage() repeats no secret key in what it throws", () => {
  for (const line of ['{"secret_key":"hush"', '{"secret_key":"hush"}']) {
    const error = assertThrows(
      () => decodeRegisterMessage(line),
      ProtocolError,
    );
    assertFalse(error.message.includes("hush"));
    assertEquals(error.cause, undefined);
  }
});

Deno.test("encodeRegisterMessage() writes the lines that the original reads", () => {
  assertEquals(
    encodeToText({
      event: "gateway_connect",
      address: "10.0.0.1:2900",
      secretKey: "k",
    }),
    '{"event":"gateway_connect","address":"10.0.0.1:2900","secret_key":"k"}\n',
  );
  assertEquals(
    encodeToText({ event: "worker_connect" }),
    '{"event":"worker_connect","secret_key":""}\n',
  );
  assertEquals(encodeToText({ event: "ping" }), '{"event":"ping"}\n');
  assertEquals(
    encodeToText({
      event: "broadcast_addresses",
      addresses: ["10.0.0.1:2900", "10.0.0.2:2900"],
    }),
    '{"event":"broadcast_addresses","addresses":["10.0.0.1:2900","10.0.0.2:2900"]}\n',
  );
});

Deno.test("encodeRegisterMessage() writes one line, whatever the texts hold", () => {
  fc.assert(fc.property(fc.string(), (secretKey) => {
    const line = encodeToText({ event: "worker_connect", secretKey });

    assertEquals(line.indexOf("\n"), line.length - 1);
  }));
});

Deno.test("decodeRegisterMessage() reads back what encodeRegisterMessage() wrote", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  const facts = { name: text, instance: text, version: text, role: text };
  const port = fc.integer({ min: 1, max: 65_535 });
  const address = fc.tuple(fc.ipV4(), port).map((parts) => parts.join(":"));
  const message = fc.oneof(
    fc.record({
      event: fc.constant("gateway_connect" as const),
      address,
      secretKey: text,
      ...facts,
    }),
    fc.record({
      event: fc.constant("worker_connect" as const),
      secretKey: text,
      pid: fc.nat(),
    }),
    fc.record({
      event: fc.constant("broadcast_addresses" as const),
      addresses: fc.uniqueArray(address),
    }),
  );

  fc.assert(fc.property(message, (sent) => {
    assertEquals<unknown>(
      decodeRegisterMessage(encodeToText(sent).trimEnd()),
      sent,
    );
  }));
});

Deno.test("decodeRegisterMessage() throws nothing but ProtocolError, whatever comes", () => {
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({
      event: fc.constantFrom(
        "ping",
        "gateway_connect",
        "worker_connect",
        "broadcast_addresses",
      ),
      address: fc.jsonValue(),
      addresses: fc.jsonValue(),
      "secret_key": fc.jsonValue(),
      name: fc.jsonValue(),
    }).map((fields) => JSON.stringify(fields)),
  );

  fc.assert(fc.property(line, (text) => {
    try {
      decodeRegisterMessage(text);
    } catch (error) {
      return error instanceof ProtocolError;
    }
    return true;
  }));
});
