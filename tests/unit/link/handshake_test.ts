import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
  fail,
} from "@std/assert";
import fc from "fast-check";
import { HandshakeError, ProtocolError } from "../../../lib/base/errors.ts";
import { type BodyMap, decodeMap, encodeBody } from "../../../lib/wire/body.ts";
import { Command } from "../../../lib/wire/command.ts";
import { HEADER_LENGTH, writeHeader } from "../../../lib/wire/frame.ts";
import {
  greet,
  type HandshakeSide,
  type Introduction,
  receive,
} from "../../../lib/link/handshake.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import { proveAll } from "../../../lib/peer/proof.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";

const WORKER: Introduction = { role: "worker", name: "W", instance: "w1" };
const GATEWAY: Introduction = { role: "gateway", name: "G", instance: "g1" };
const { lowest, highest } = LINK_VERSIONS;
const WELCOME = { gatewayId: "7f0000010b54", window: 4096 };
const NONCE = new Uint8Array(32);
const SECRET = "correct horse battery staple";
const OTHER = "a different secret altogether";

function dialing(secretKeys: readonly string[]): HandshakeSide {
  return { introduction: WORKER, secretKeys, address: "gateway:1" };
}

function listening(secretKeys: readonly string[]): HandshakeSide {
  return { introduction: GATEWAY, secretKeys, address: "worker:1" };
}

/** What each side of a handshake came to: a value or an error. */
async function shakeHands(
  dialerKeys: readonly string[],
  listenerKeys: readonly string[],
  [dialer, listener] = MemoryConn.pair(),
) {
  const [greeted, received] = await Promise.allSettled([
    closing(dialer, () => greet(dialer, dialing(dialerKeys))),
    closing(
      listener,
      () => receive(listener, listening(listenerKeys), WELCOME),
    ),
  ]);
  return {
    greeted,
    received,
    crossed: [...dialer.written, ...listener.written],
  };
}

/** Closes the connection if the handshake fails, as its owner does. */
async function closing<T>(conn: MemoryConn, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!conn.isClosed) conn.close();
    throw error;
  }
}

function errorOf(result: PromiseSettledResult<unknown>): Error {
  assertEquals(result.status, "rejected");
  const reason: unknown = "reason" in result ? result.reason : undefined;
  assertInstanceOf(reason, Error);
  return reason;
}

function frame(command: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + body.length);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 0, bytes.length, command, 0, 0, 0);
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}

function hello(fields: Record<string, unknown> = {}): Uint8Array {
  return frame(
    Command.Hello,
    encodeBody({ version: lowest, ...WORKER, nonce: NONCE, ...fields }),
  );
}

/** What a listener says to a peer that writes these bytes and then leaves. */
async function receiveBytes(bytes: Uint8Array): Promise<Error> {
  const [peer, listener] = MemoryConn.pair();
  await peer.write(bytes);
  await peer.closeWrite();
  const [result] = await Promise.allSettled([
    receive(listener, listening([SECRET]), WELCOME),
  ]);
  return errorOf(result);
}

/** What a dialer says of a peer that answers with these bytes and then leaves. */
async function greetBytes(bytes: Uint8Array): Promise<Error> {
  const [dialer, peer] = MemoryConn.pair();
  await peer.write(bytes);
  await peer.closeWrite();
  const [result] = await Promise.allSettled([
    greet(dialer, dialing([SECRET])),
  ]);
  return errorOf(result);
}

for (const keys of [[SECRET], []]) {
  const how = keys.length === 0 ? "without a secret" : "with the same secret";
  Deno.test(`both sides get to know each other ${how}`, async () => {
    const { greeted, received } = await shakeHands(keys, keys);

    assertEquals(greeted, {
      status: "fulfilled",
      value: {
        peer: { ...GATEWAY, address: "gateway:1", version: highest },
        welcome: WELCOME,
      },
    });
    assertEquals(received, {
      status: "fulfilled",
      value: { ...WORKER, address: "worker:1", version: highest },
    });
  });
}

Deno.test("a handshake works however few bytes each write takes", async () => {
  const pair = MemoryConn.pair({ maxWrite: 3 });

  const { greeted, received } = await shakeHands([SECRET], [SECRET], pair);

  assertEquals(greeted.status, "fulfilled");
  assertEquals(received.status, "fulfilled");
});

Deno.test("one secret that both sides know is enough", async () => {
  const keys = [[SECRET], [OTHER], [SECRET, "x"], ["x", SECRET]];
  for (const dialerKeys of keys) {
    const { greeted, received } = await shakeHands(dialerKeys, [OTHER, SECRET]);
    assertEquals([greeted.status, received.status], ["fulfilled", "fulfilled"]);
  }

  const { greeted } = await shakeHands(["x", "y"], [OTHER, SECRET]);
  assertEquals(greeted.status, "rejected");
});

for (
  const [what, dialerKeys, listenerKeys] of [
    ["the secrets differ", [SECRET], [OTHER]],
    ["only the dialer has a secret", [SECRET], []],
    ["only the listener has a secret", [], [SECRET]],
  ] as const
) {
  Deno.test(`both sides refuse when ${what}, and say so without the secret`, async () => {
    const { greeted, received, crossed } = await shakeHands(
      dialerKeys,
      listenerKeys,
    );

    for (const result of [greeted, received]) {
      const error = errorOf(result);
      assertInstanceOf(error, HandshakeError);
      assertStringIncludes(error.message, "the secret key differs");
      const text = Deno.inspect(error);
      assertFalse(text.includes(SECRET) || text.includes(OTHER));
    }
    const bytes = new TextDecoder("latin1").decode(new Uint8Array(crossed));
    assertFalse(bytes.includes(SECRET) || bytes.includes(OTHER));
  });
}

Deno.test("the secret does not cross the wire when both sides have it", async () => {
  const { crossed } = await shakeHands([SECRET], [SECRET]);

  const bytes = new TextDecoder("latin1").decode(new Uint8Array(crossed));
  assertFalse(bytes.includes(SECRET));
});

Deno.test("what a dialer once said is worth nothing the next time", async () => {
  const [dialer, listener] = MemoryConn.pair();
  await shakeHands([SECRET], [SECRET], [dialer, listener]);

  const error = await receiveBytes(new Uint8Array(dialer.written));

  assertInstanceOf(error, HandshakeError);
  assertStringIncludes(error.message, "the secret key differs");
});

Deno.test("what a gateway once said is worth nothing the next time", async () => {
  const [dialer, listener] = MemoryConn.pair();
  await shakeHands([SECRET], [SECRET], [dialer, listener]);

  const error = await greetBytes(new Uint8Array(listener.written));

  assertInstanceOf(error, HandshakeError);
  assertStringIncludes(error.message, "its proof of the secret key is wrong");
});

Deno.test("a dialer's own proof, thrown back at it, proves nothing", async () => {
  const [dialer, peer] = MemoryConn.pair();
  const greeting = greet(dialer, dialing([SECRET]));
  const challenge = { version: lowest, ...GATEWAY, nonce: hello() };
  await peer.write(frame(Command.Challenge, encodeBody(challenge)));
  while (dialer.written.length < 2 * HEADER_LENGTH + hello().length - 16 + 32) {
    await peer.read(new Uint8Array(1_000));
  }
  const proof = new Uint8Array(dialer.written.slice(-32));

  const body = new Uint8Array([...proof, ...encodeBody(WELCOME)]);
  await peer.write(frame(Command.Welcome, body));

  const [result] = await Promise.allSettled([greeting]);
  assertStringIncludes(errorOf(result).message, "its proof of the secret key");
});

/** The fields by which each side of a handshake says what it speaks. */
type Spoken = {
  readonly version: number;
  readonly highestVersion?: number;
};

/** What a gateway takes a dialer for that speaks these versions; neither has a secret. */
async function receiveDialer(spoken: Spoken) {
  const [dialer, listener] = MemoryConn.pair();
  const received = receive(listener, listening([]), WELCOME);
  const said = hello(spoken);
  await dialer.write(said);
  const challenge = await readBody(dialer);
  const proof = proveAll([], {
    label: "gatewayworker link 2 dialer",
    said: [
      said.subarray(HEADER_LENGTH),
      challenge,
    ],
  });
  await dialer.write(frame(Command.Proof, proof));
  return { peer: await received, challenge: decodeMap(challenge) };
}

/** What a dialer takes a gateway for that speaks these versions; neither has a secret. */
async function greetGateway(spoken: Spoken) {
  const [dialer, listener] = MemoryConn.pair();
  const greeted = greet(dialer, dialing([]));
  const said = await readBody(listener);
  const challenge = encodeBody({ ...spoken, ...GATEWAY, nonce: NONCE });
  await listener.write(frame(Command.Challenge, challenge));
  await readBody(listener);
  const told = encodeBody(WELCOME);
  const proof = proveAll([], {
    label: "gatewayworker link 2 listener",
    said: [
      said,
      challenge,
      told,
    ],
  });
  await listener.write(
    frame(Command.Welcome, new Uint8Array([...proof, ...told])),
  );
  return { peer: (await greeted).peer, hello: decodeMap(said) };
}

async function readBody(conn: MemoryConn): Promise<Uint8Array<ArrayBuffer>> {
  const header = await readBytes(conn, HEADER_LENGTH);
  const length = new DataView(header.buffer).getUint32(0);
  return await readBytes(conn, length - HEADER_LENGTH);
}

async function readBytes(conn: MemoryConn, length: number) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    at += await conn.read(bytes.subarray(at)) ?? fail("the other side closed");
  }
  return bytes;
}

for (
  const [who, spoken, agreed] of [
    ["knows no ranges", { version: 2 }, 2],
    ["speaks the oldest only", { version: 2, highestVersion: 2 }, 2],
    [
      "speaks the same",
      { version: lowest, highestVersion: highest },
      highest,
    ],
    [
      "speaks newer ones too",
      { version: highest, highestVersion: highest + 7 },
      highest,
    ],
  ] as const
) {
  Deno.test(`both sides take the highest common version when the other ${who}`, async () => {
    const asGateway = await receiveDialer(spoken);
    const asDialer = await greetGateway(spoken);

    assertEquals(asGateway.peer.version, agreed);
    assertEquals(asDialer.peer.version, agreed);
  });
}

Deno.test("what each side says of itself is understood where only version 2 is known", async () => {
  const { challenge } = await receiveDialer({ version: 2 });
  const { hello } = await greetGateway({ version: 2 });

  for (const introduction of [challenge, hello]) {
    assertEquals(introduction["version"], 2);
    assertEquals(introduction["highestVersion"], highest);
  }
});

const NEWER = { version: highest + 1, highestVersion: highest + 2 };

Deno.test("receive() refuses who speaks no common version, and tells what both speak", async () => {
  const [dialer, listener] = MemoryConn.pair();
  await dialer.write(hello({ ...NEWER, role: "of a later version" }));

  const [result] = await Promise.allSettled([
    receive(listener, listening([SECRET]), WELCOME),
  ]);

  const error = errorOf(result);
  assertInstanceOf(error, HandshakeError);
  const both =
    `the dialer speaks ${NEWER.version} to ${NEWER.highestVersion}, the gateway ${lowest} to ${highest}`;
  assertStringIncludes(error.message, both);
  const refusal = new Uint8Array(listener.written);
  assertEquals(refusal[4], Command.Refuse);
  assertStringIncludes(
    String(decodeMap(refusal.subarray(HEADER_LENGTH))["reason"]),
    both,
  );
});

Deno.test("greet() rejects a gateway that speaks no common version, and says what both speak", async () => {
  const error = await greetBytes(
    frame(Command.Challenge, encodeBody({ ...NEWER, ...GATEWAY })),
  );

  assertInstanceOf(error, HandshakeError);
  assertStringIncludes(
    error.message,
    `the dialer speaks ${lowest} to ${highest}, the gateway ${NEWER.version} to ${NEWER.highestVersion}`,
  );
});

for (
  const [change, from, to] of [
    ["an older one", highest, lowest],
    ["a newer one", highest, highest + 1],
  ] as const
) {
  Deno.test(`a version that somebody on the way changes to ${change} is not believed`, async () => {
    for (const changed of ["dialer", "listener"] as const) {
      const pair = MemoryConn.pair();
      const conn = changed === "dialer" ? pair[0] : pair[1];
      alterFirstWrite(conn, (body) => {
        assertEquals(body["highestVersion"], from);
        return { ...body, highestVersion: to };
      });

      const { greeted, received } = await shakeHands([SECRET], [SECRET], pair);

      assertStringIncludes(errorOf(greeted).message, "the secret key differs");
      assertStringIncludes(errorOf(received).message, "the secret key differs");
    }
  });
}

/** Puts another body into the first frame that a side writes. */
function alterFirstWrite(
  conn: MemoryConn,
  alter: (body: BodyMap) => BodyMap,
): void {
  const write = conn.write.bind(conn);
  conn.write = async (bytes) => {
    conn.write = write;
    const body = encodeBody(alter(decodeMap(bytes.slice(HEADER_LENGTH))));
    const altered = frame(bytes[4] ?? 0, body);
    assertEquals(await write(altered), altered.length);
    return bytes.length;
  };
}

Deno.test("greet() repeats the reason for which a gateway refuses", async () => {
  const error = await greetBytes(
    frame(Command.Refuse, encodeBody({ reason: "too many links" })),
  );

  assertInstanceOf(error, HandshakeError);
  assertStringIncludes(error.message, "the gateway refused, too many links");
});

for (
  const [what, bytes] of [
    ["an HTTP request", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
    ["a hello without CBOR", frame(Command.Hello, new Uint8Array([0x1c]))],
    ["a hello that is no map", frame(Command.Hello, encodeBody([1]))],
    ["a hello without a version", hello({ version: undefined })],
    ["a hello with half a version", hello({ version: 1.5 })],
    ["a hello with versions in no order", hello({ highestVersion: 1 })],
    ["a hello without a role", hello({ role: undefined })],
    ["a hello with an unknown role", hello({ role: "king" })],
    ["a hello whose name is a number", hello({ name: 7 })],
    ["another command than hello", frame(Command.Ping, new Uint8Array(0))],
    ["a frame that is too long", frame(Command.Hello, new Uint8Array(5_000))],
  ] as const
) {
  Deno.test(`receive() throws ProtocolError for ${what}`, async () => {
    assertInstanceOf(await receiveBytes(bytes), ProtocolError);
  });
}

Deno.test("receive() throws ProtocolError when the peer leaves, wherever that is", async () => {
  const [dialer, listener] = MemoryConn.pair();
  await shakeHands([SECRET], [SECRET], [dialer, listener]);
  const whole = new Uint8Array(dialer.written);

  for (let end = 0; end < whole.length; end++) {
    assertInstanceOf(await receiveBytes(whole.slice(0, end)), ProtocolError);
  }
});

Deno.test("greet() throws ProtocolError when the gateway leaves, wherever that is", async () => {
  const [dialer, listener] = MemoryConn.pair();
  await shakeHands([SECRET], [SECRET], [dialer, listener]);
  const whole = new Uint8Array(listener.written);

  for (let end = 0; end < whole.length; end++) {
    assertInstanceOf(await greetBytes(whole.slice(0, end)), ProtocolError);
  }
});

Deno.test("a handshake throws nothing but its own errors, whatever the peer says", async () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(
      fc.constantFrom(
        Command.Hello,
        Command.Challenge,
        Command.Proof,
        Command.Refuse,
      ),
      fc.oneof(
        fc.uint8Array({ maxLength: 50 }),
        fc.jsonValue().map(encodeBody),
      ),
    ).map(([command, body]) => frame(command, new Uint8Array(body))),
  );
  await fc.assert(fc.asyncProperty(noise, async (bytes) => {
    for (const act of [receiveBytes, greetBytes]) {
      const error = await act(new Uint8Array(bytes));
      assert(error instanceof ProtocolError || error instanceof HandshakeError);
    }
  }));
});

Deno.test("a name that is too long for people is cut", async () => {
  const [dialer, listener] = MemoryConn.pair();
  const long = { ...WORKER, name: "n".repeat(1_000) };
  const [, peer] = await Promise.all([
    greet(dialer, { ...dialing([]), introduction: long }),
    receive(listener, listening([]), WELCOME),
  ]);

  assertEquals(peer.name.length, 128);
});
