import { Buffer } from "node:buffer";
import { once } from "node:events";
import {
  type AddressInfo,
  connect as dial,
  createServer,
  type Socket,
} from "node:net";
import { connect, createServer as createTls, type TLSSocket } from "node:tls";
import { clearImmediate, setImmediate } from "node:timers";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { handleOf, readInPlace } from "../../../lib/base/tls_handles.ts";
import { TlsStream } from "../../../lib/base/tls_stream.ts";
import { TEST_CERT, TEST_KEY } from "../transport/_certificate.ts";

/** Both ends of a connection: what we read it by, and a client. */
class Pair implements AsyncDisposable {
  readonly raw: Socket;
  readonly socket: TLSSocket;
  readonly client: TLSSocket;
  /** What carries the client's TLS. */
  readonly beneath: Socket;
  readonly #close: () => void;

  private constructor(
    raw: Socket,
    socket: TLSSocket,
    client: TLSSocket,
    beneath: Socket,
    close: () => void,
  ) {
    this.raw = raw;
    this.socket = socket;
    this.client = client;
    this.beneath = beneath;
    this.#close = close;
  }

  /** @param first What the client says in one piece with the end of its handshake. */
  static async make(first: string | Uint8Array = ""): Promise<Pair> {
    const tls = createTls({ cert: TEST_CERT, key: TEST_KEY });
    const tcp = createServer((raw) => tls.emit("connection", raw));
    const accepted = once(tcp, "connection");
    const shaken = once(tls, "secureConnection");
    tcp.listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const beneath = dial(port, "127.0.0.1");
    beneath.on("error", () => {});
    const client = connect({
      socket: beneath,
      host: "localhost",
      rejectUnauthorized: false,
    });
    client.on("error", () => {});
    if (first.length > 0) client.write(first);
    const [raw] = await accepted;
    raw.on("error", () => {});
    const [socket] = await shaken;
    return new Pair(raw, socket, client, beneath, () => tcp.close());
  }

  /** Takes the connection over. */
  stream(): TlsStream {
    return new TlsStream(this.raw, this.socket, {
      remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.client, this.socket, this.raw]) {
      socket.destroy();
      if (!socket.closed) await once(socket, "close").catch(() => {});
    }
    this.#close();
  }
}

/** Ways to read: the runtime's own memory is used again, or it cannot do that. */
const WAYS: Record<string, (pair: Pair) => TlsStream> = {
  "in place": (pair) => pair.stream(),
  "as node:tls gives it": (pair) => {
    const handle = handleOf(pair.socket) as object;
    Object.defineProperty(handle, "useUserBuffer", { value: undefined });
    return pair.stream();
  },
};

/** Calls something in each turn of the event loop. */
function everyTurn(act: () => void): Disposable {
  const go = () => {
    act();
    timer = setImmediate(go);
  };
  let timer = setImmediate(go);
  return { [Symbol.dispose]: () => clearImmediate(timer) };
}

/** Bytes that tell where they belong. */
function numbered(length: number): Uint8Array<ArrayBuffer> {
  const words = Uint32Array.from({ length: length / 4 }, (_, i) => i * 7_919);
  return new Uint8Array(words.buffer);
}

/** Reads so many bytes, with buffers of many sizes. */
async function readAll(stream: TlsStream, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let got = 0; got < length;) {
    const most = 1 + (got * 31) % 100_000;
    const into = new Uint8Array(Math.min(most, length - got));
    const count = await stream.read(into);
    assert(count !== null, "it ended early");
    parts.push(into.subarray(0, count));
    got += count;
  }
  return Buffer.concat(parts);
}

Deno.test("the runtime can read TLS in place", async () => {
  await using pair = await Pair.make();
  assert(readInPlace(pair.raw, pair.socket, () => {}));
});

Deno.test("TlsStream sees the end that comes right behind the handshake and much else", async () => {
  for (const length of [100, 200_000, 1_000_000]) {
    const sent = numbered(length);
    const making = Pair.make(sent);
    await using pair = await making;
    pair.client.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stream = pair.stream();

    assert((await readAll(stream, length)).equals(sent));
    assertEquals(await stream.read(new Uint8Array(9)), null);
  }
});

for (const [way, take] of Object.entries(WAYS)) {
  Deno.test(`TlsStream reads ${way}, from what came with the handshake to the end`, async () => {
    await using pair = await Pair.make("early ");
    pair.client.write("bird ");
    await once(pair.socket, "readable");
    const stream = take(pair);
    const sent = numbered(1_000_000);
    pair.client.end(sent);

    assertEquals((await readAll(stream, 11)).toString(), "early bird ");
    const heard = await readAll(stream, sent.length);
    assert(heard.equals(sent));
    assertEquals(await stream.read(new Uint8Array(9)), null);
    assertEquals(await stream.read(new Uint8Array(9)), null);
  });

  Deno.test(`TlsStream reads ${way} what one takes where it lies, once for each time it is asked`, async () => {
    await using pair = await Pair.make();
    const stream = take(pair);
    const parts: Uint8Array[] = [];
    const chunk = (): Promise<boolean> =>
      new Promise((resolve, reject) => {
        let isAsking = true;
        stream.readChunk({
          onChunk(bytes, count) {
            assert(!isAsking, "it was told while it asked");
            if (bytes !== null) parts.push(bytes.slice(0, count));
            resolve(bytes !== null);
          },
          onReadFailed: reject,
        });
        isAsking = false;
      });
    const sent = numbered(1_000_000);
    pair.client.end(sent);

    while (await chunk());
    assert(Buffer.concat(parts).equals(sent));
  });

  Deno.test(`TlsStream that reads ${way} takes in little that nobody asks for`, async () => {
    await using pair = await Pair.make("x");
    await once(pair.socket, "readable");
    const stream = take(pair);
    const sent = numbered(6_000_000);
    pair.client.end(sent);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // What the system holds for both ends is some MiB.
    assert(pair.raw.bytesRead < 1_000_000, `${pair.raw.bytesRead} were read`);

    assertEquals(await stream.read(new Uint8Array(1)), 1);
    const heard = await readAll(stream, sent.length);
    assert(heard.equals(sent));
  });

  Deno.test(`TlsStream that reads ${way} lets others have their turn while much comes`, async () => {
    await using pair = await Pair.make();
    const stream = take(pair);
    const sent = numbered(6_000_000);
    pair.client.end(sent);
    // All of it is at hand, or what the system holds of it.
    await new Promise((resolve) => setTimeout(resolve, 200));
    let [inTurn, most] = [0, 0];
    using _turns = everyTurn(() => inTurn = 0);
    const parts: Uint8Array[] = [];
    await new Promise<void>((resolve, reject) => {
      const taker = {
        onChunk(bytes: Uint8Array | null, count: number) {
          if (bytes === null) return resolve();
          parts.push(bytes.slice(0, count));
          most = Math.max(most, inTurn += count);
          stream.readChunk(taker);
        },
        onReadFailed: reject,
      };
      stream.readChunk(taker);
    });

    assert(Buffer.concat(parts).equals(sent));
    assert(most <= 1_000_000, `${most} bytes were read in one turn`);
  });

  Deno.test(`TlsStream that reads ${way} takes in nothing behind what is no TLS`, async () => {
    await using pair = await Pair.make();
    const stream = take(pair);
    const reading = stream.read(new Uint8Array(9));
    // As a record begins.
    const record = new Uint8Array(16_000).fill(9);
    record.set([23, 3, 3, 0x3e, 0x7b]);
    for (let i = 0; i < 300; i++) pair.beneath.write(record);
    await assertRejects(() => reading);
    await new Promise((resolve) => setTimeout(resolve, 200));

    const { bytesRead } = pair.raw;
    assert(bytesRead < 400_000, `${bytesRead} bytes were read`);
  });

  Deno.test(`TlsStream that reads ${way} says that the connection broke`, async () => {
    await using pair = await Pair.make();
    const stream = take(pair);
    const reading = stream.read(new Uint8Array(9));
    pair.client.destroy();
    pair.raw.destroy();
    await assertRejects(() => reading);
    await assertRejects(() => stream.read(new Uint8Array(9)));
  });

  Deno.test(`TlsStream that reads ${way} ends a read by close()`, async () => {
    await using pair = await Pair.make();
    const stream = take(pair);
    const reading = stream.read(new Uint8Array(9));
    stream.close();
    await assertRejects(() => reading, Deno.errors.Interrupted);
  });

  Deno.test(`TlsStream writes while it reads ${way}`, async () => {
    await using pair = await Pair.make();
    const stream = take(pair);
    const sent = numbered(2_000_000);
    const heard: Uint8Array[] = [];
    pair.client.on("data", (part) => heard.push(part));
    pair.client.write(sent);
    const reading = readAll(stream, sent.length);
    for (let at = 0; at < sent.length;) {
      at += await stream.write(sent.subarray(at));
    }
    await stream.closeWrite();
    await once(pair.client, "end");

    assert(Buffer.concat(heard).equals(sent));
    assert((await reading).equals(sent));
  });
}
