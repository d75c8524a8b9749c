import { assertEquals } from "@std/assert";
import type { Connection } from "../../../../lib/transport/connection.ts";
import { EventStreams } from "../../../../lib/transport/events/event_streams.ts";
import type { VisitHost } from "../../../../lib/transport/http/visit.ts";
import type { ByteStream } from "../../../../lib/transport/socket/client_socket.ts";
import { bytes, text } from "../_feed.ts";

const HEAD = { method: "GET", target: "/", minorVersion: 1, headers: [] };

/** A connection that hears what a stream says. */
class Host implements VisitHost {
  heard = "";
  readonly client = { hostname: "127.0.0.1", port: 1 };
  readonly certificate = undefined;
  readonly guest = undefined;
  say(part: Uint8Array): void {
    this.heard += text(part);
  }
  wait(): void {}
  stay(): void {}
  reply(): void {}
  refuse(): void {}
  finish(): void {}
  destroy(): void {}
}

Deno.test("EventStreams lets no more streams wait than may, and ends those that waited the longest", async () => {
  using streams = new EventStreams(
    { gatewayId: "0123456789ab", keys: () => [] },
    2,
  );
  const ended: number[] = [];
  const opened: ByteStream[] = [];
  const port = {
    origins: [],
    maxMessage: 1_000,
    open: (stream: ByteStream) => {
      opened.push(stream);
      return { isOpen: true } as Connection;
    },
  };
  for (let i = 0; i < 4; i++) {
    const host = new Host();
    const visit = streams.begin(port, {
      head: HEAD,
      host,
      cors: [],
      life: "short",
    });
    const stream = opened[i] as ByteStream;
    assertEquals(
      text(await read(stream) ?? bytes("")).slice(0, 14),
      "GET / HTTP/1.1",
    );
    void read(stream).then(() => ended.push(i));
    const written = stream.write(bytes("HTTP/1.1 101 Go\r\nA: b\r\n\r\n"));
    visit.onDrained();
    await written;
    assertEquals(host.heard.endsWith("event: next\ndata: \n\n"), true);
  }
  await Promise.resolve();

  assertEquals([streams.size, ended], [4, [0, 1]]);
  for (const stream of opened) stream.close();
  assertEquals(streams.size, 0);
});

function read(stream: ByteStream): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) =>
    stream.readChunk?.({
      onChunk: (chunk, count) => resolve(chunk && chunk.slice(0, count)),
      onReadFailed: reject,
    })
  );
}
