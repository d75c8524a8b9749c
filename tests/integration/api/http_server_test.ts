/**
 * What becomes of requests that are half done, and of connections that ask nothing.
 *
 * @module
 */
import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { HttpServer } from "../../../lib/admin/http_server.ts";
import { healthRoutes } from "../../../lib/admin/health.ts";
import { RouteServer } from "../../../lib/admin/route_server.ts";
import type { Route } from "../../../lib/admin/router.ts";
import { eventually } from "../../_support/eventually.ts";

const LISTEN = "127.0.0.1:0";
const encoder = new TextEncoder();

const asked = Promise.withResolvers<void>();

const ROUTES: Route[] = [
  {
    method: "GET",
    path: "/big",
    openTo: "anybody",
    answer: () => new Response("x".repeat(30_000_000)),
  },
  {
    method: "GET",
    path: "/never",
    openTo: "anybody",
    answer: () => {
      asked.resolve();
      return new Promise<never>(() => {});
    },
  },
  {
    method: "POST",
    path: "/echo",
    openTo: "anybody",
    answer: async (request) => new Response(await request.text()),
  },
];

/** A connection on which anything can be said. */
class RawClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  #text = "";
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;

  private constructor(conn: Deno.TcpConn, reads: boolean) {
    this.#conn = conn;
    this.ended = reads ? this.#read() : Promise.resolve();
  }

  static async open(
    { addr: { hostname, port } }: Pick<RouteServer, "addr">,
    text = "",
    { reads = true } = {},
  ): Promise<RawClient> {
    const conn = await Deno.connect({ hostname, port });
    await conn.write(encoder.encode(text));
    return new RawClient(conn, reads);
  }

  /** Resolves when the answer contains this. */
  async hears(text: string): Promise<void> {
    await eventually(text, () => this.#text.includes(text));
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(16_384);
    try {
      for (
        let count = await this.#conn.read(buffer);
        count !== null;
        count = await this.#conn.read(buffer)
      ) {
        this.#text += decoder.decode(buffer.subarray(0, count));
      }
    } catch {
      // Reset by the server, or closed by the test: it has ended.
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // Closed already.
    }
  }
}

Deno.test("RouteServer.shutdown() ends though requests are half done, and answers are not read", async () => {
  const server = await RouteServer.start({
    listen: LISTEN,
    token: "s3cret",
    routes: ROUTES,
  });
  const head = "Host: x\r\nContent-Length: 500\r\n\r\n";
  using silent = await RawClient.open(server);
  using half = await RawClient.open(server, "GET /healthz HTTP/1.1\r\nHo");
  using refused = await RawClient.open(
    server,
    `POST /api/send HTTP/1.1\r\n${head}{`,
  );
  using body = await RawClient.open(server, `POST /echo HTTP/1.1\r\n${head}{`);
  using nothing = await RawClient.open(server, `GET /x HTTP/1.1\r\n${head}`);
  using never = await RawClient.open(
    server,
    "GET /never HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  using _unread = await RawClient.open(
    server,
    "GET /big HTTP/1.1\r\nHost: x\r\n\r\n",
    { reads: false },
  );
  await refused.hears("401");
  await nothing.hears("401");
  await asked.promise;

  const start = performance.now();
  await server.shutdown();

  assertLess(performance.now() - start, 4_000);
  for (const { ended } of [silent, half, refused, body, nothing, never]) {
    await ended;
  }
});

Deno.test("RouteServer.shutdown() waits for no connection that asks nothing", async () => {
  const server = await RouteServer.start({ listen: LISTEN, routes: ROUTES });
  using client = await RawClient.open(
    server,
    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
  );
  await client.hears("hi");

  const start = performance.now();
  await server.shutdown();

  assertLess(performance.now() - start, 1_500);
  await client.ended;
});

Deno.test("RouteServer answers whoever comes, though hundreds hold connections and half requests", async () => {
  await using server = await RouteServer.start({
    listen: LISTEN,
    routes: ROUTES,
  });
  using clients = new DisposableStack();
  const half = "GET /healthz HTTP/1.1\r\nHo";
  for (let i = 0; i < 500; i++) {
    clients.use(await RawClient.open(server, i % 2 === 0 ? "" : half));
  }

  const url = `http://127.0.0.1:${server.addr.port}/echo`;
  const response = await fetch(url, { method: "POST", body: "still here" });

  assertEquals(await response.text(), "still here");
});

Deno.test("RouteServer answers what is asked wrongly with 400, and goes on", async () => {
  await using server = await RouteServer.start({
    listen: LISTEN,
    routes: ROUTES,
  });
  for (
    const request of [
      "GET http://127.0.0.1/echo HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n",
      "NONSENSE\r\n\r\n",
    ]
  ) {
    using client = await RawClient.open(server, request);
    await client.hears("HTTP/1.1 400");
  }
  using foreign = await RawClient.open(
    server,
    "GET /nodes HTTP/1.1\r\nHost: 127.0.0.1@evil.example\r\n\r\n",
  );
  await foreign.hears("HTTP/1.1 403");
  // A path is a path, whatever it begins with.
  using client = await RawClient.open(
    server,
    "GET //evil.example/echo HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
  );
  await client.hears("there is no //evil.example/echo");
  const big = "x".repeat(3_000_000);
  const url = `http://127.0.0.1:${server.addr.port}/echo`;
  const response = await fetch(url, { method: "POST", body: big });

  assertEquals((await response.text()).length, big.length);
});

Deno.test("RouteServer shows and changes nothing of clients without a token, and says what to do", async () => {
  const secret = () => new Response("secret");
  await using server = await RouteServer.start({
    listen: LISTEN,
    routes: [
      { method: "GET", path: "/sessions", answer: secret },
      { method: "GET", path: "/nodes", openTo: "machine", answer: secret },
    ],
  });
  const url = `http://127.0.0.1:${server.addr.port}`;

  const refused = await fetch(`${url}/sessions`);
  const shown = await fetch(`${url}/nodes`);
  using foreign = await RawClient.open(
    server,
    "GET /nodes HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  );
  await foreign.hears("HTTP/1.1 403");

  assertEquals([refused.status, await shown.text()], [403, "secret"]);
  assertStringIncludes((await refused.json()).error, "GATEWAYWORKER_API_TOKEN");
});

Deno.test("RouteServer asks the roles once for all who want their metrics at the same time", async () => {
  let asked = 0;
  const source = {
    isStopping: () => false,
    report: () => {
      asked++;
      return Promise.resolve({ registers: [], gateways: [], workers: [] });
    },
  };
  await using server = await RouteServer.start({
    listen: LISTEN,
    routes: healthRoutes(source),
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const read = async (path: string) => await (await fetch(url + path)).text();
  await read("/metrics");
  asked = 0;

  await Promise.all(
    Array.from(
      { length: 100 },
      (_, i) => read(i % 2 === 0 ? "/metrics" : "/readyz"),
    ),
  );

  // One after the other they would be 100.
  assertLess(asked, 20);
});

Deno.test("RouteServer cuts off who sends requests without end and reads no answer", async () => {
  let asked = 0;
  await using server = await RouteServer.start({
    listen: LISTEN,
    routes: [{
      method: "GET",
      path: "/slow",
      openTo: "anybody",
      answer: () => {
        asked++;
        return new Promise<never>(() => {});
      },
    }],
  });
  const request = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
  using client = await RawClient.open(server, request.repeat(1_000));

  await client.ended;

  assertLess(asked, 20);
});

Deno.test("HttpServer ends a connection whose reader takes nothing more of an answer", async () => {
  const cutOff = Promise.withResolvers<void>();
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)),
    cancel: () => cutOff.resolve(),
  });
  const http = await HttpServer.listen(
    { hostname: "127.0.0.1", port: 0 },
    () => Promise.resolve(new Response(endless)),
    { unreadTimeout: 100 },
  );
  using _unread = await RawClient.open(
    http,
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    { reads: false },
  );

  await cutOff.promise;

  await http.shutdown();
});
