/**
 * The cluster API over HTTP.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AdminServer } from "../../../lib/admin/mod.ts";
import { QUESTIONS } from "../../../lib/admin/question.ts";
import { RouteServer } from "../../../lib/admin/route_server.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { gone, startApiCluster } from "./_api_cluster.ts";
import { MuteGateway } from "./_mute_gateway.ts";

const LISTEN = "127.0.0.1:0";

/** What a request has besides its path. */
interface Init {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

const TOKEN = "s3cret";
const KNOWN = { authorization: `Bearer ${TOKEN}` };

/** The cluster, and a server that is asked by HTTP, by somebody who knows the token. */
async function startAdmin(token = TOKEN) {
  const stack = new AsyncDisposableStack();
  const api = stack.use(await startApiCluster());
  const server = stack.use(
    await AdminServer.start({ cluster: api.callers[2], listen: LISTEN, token }),
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const call = async (path: string, init: Init = {}) => {
    const response = await fetch(`${origin}${path}`, {
      ...init,
      headers: { ...KNOWN, ...init.headers },
    });
    return { status: response.status, body: await response.json() };
  };
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    call("/api/send", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return {
    api,
    origin,
    call,
    post,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("POST /api/send reaches everybody, clients, uids and groups, and says how many", async () => {
  await using admin = await startAdmin();
  const { api, post } = admin;
  const [a, b, c, d] = api.ids;
  await api.arrange({ uids: { tom: [a, c] }, groups: { lobby: [b, d] } });

  const orders: [order: Record<string, unknown>, reached: number][] = [
    [{ to: "all", message: "all" }, 4],
    [{ to: "all", message: "some", exclude: [a] }, 3],
    [{ to: "client", id: b, message: "one" }, 1],
    [{ to: "client", id: [a, gone(a)], message: "two" }, 1],
    [{ to: "uid", id: "tom", message: "tom" }, 2],
    [{ to: "group", id: ["lobby", "x"], base64: "AQI=" }, 2],
    [{ to: "group", id: "x", message: "nobody" }, 0],
  ];
  for (const [order, reached] of orders) {
    assertEquals(await post(order), { status: 200, body: { reached } });
  }
  const hasty = await post({
    to: "uid",
    id: "tom",
    message: "x",
    confirm: false,
  });
  assertEquals(hasty, { status: 202, body: {} });

  assertEquals(await api.heard(api.callers[2]), [
    "all,two,tom,x",
    "all,some,one,bytes 1 2",
    "all,some,tom,x",
    "all,some,bytes 1 2",
  ]);
});

Deno.test("GET answers every question", async () => {
  await using admin = await startAdmin();
  const { api, call } = admin;
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { "to m": [a, c] }, groups: { lobby: [b] } });
  await api.api.setSession(b, { since: new Date(0), big: 1n });
  const session = { since: "1970-01-01T00:00:00.000Z", big: "1" };

  for (
    const [path, body] of [
      ["/api/online?uid=to%20m", { online: true }],
      ["/api/online?uid=eve", { online: false }],
      ["/api/count", { count: 4 }],
      ["/api/count?group=lobby&partial=true", { count: 1 }],
      ["/api/clients?group=lobby", { clients: [b] }],
      ["/api/sessions?group=lobby", { sessions: { [b]: session } }],
      ["/api/uids", { uids: ["to m"] }],
      ["/api/uids?group=lobby", { uids: [] }],
      ["/api/groups", { groups: { lobby: 1 } }],
      [`/api/client?client=${b}`, { client: { groups: ["lobby"], session } }],
      [`/api/client?client=${gone(b)}`, { client: null }],
    ] as const
  ) {
    assertEquals(await call(path), { status: 200, body });
  }
  const uid = await call("/api/uid?uid=to%20m");
  assertEquals(uid.body.uid.toSorted(), [a, c].toSorted());
  assertEquals((await call("/api/clients")).body.clients.length, 4);
  assertEquals(
    Object.keys((await call("/api/sessions")).body.sessions).length,
    4,
  );
});

Deno.test("the OpenAPI document has every path, and nothing besides", async () => {
  await using admin = await startAdmin();

  const { status, body } = await admin.call("/api/openapi.json");

  assertEquals(status, 200);
  assertEquals(body.openapi, "3.1.0");
  assertEquals(
    Object.keys(body.paths).toSorted(),
    [
      ...["send", "notify", "ask", "close", "refuse", "allow", "tap"]
        .map((name) => `/api/${name}`),
      ...QUESTIONS.map(({ name }) => `/api/${name}`),
    ].toSorted(),
  );
  for (const [ref] of JSON.stringify(body).matchAll(/"#\/[^"]+"/g)) {
    const path = ref.slice(3, -1).split("/");
    const target = path.reduce((node, key) => node?.[key], body);
    assert(target !== undefined, `${ref} leads nowhere`);
  }
});

Deno.test("a request that is wrong gets a clear error, and nothing is sent", async () => {
  await using admin = await startAdmin();
  const { api, call, post } = admin;

  for (
    const [body, status, error] of [
      ["{", 400, "it is not JSON"],
      [[], 400, "must be a JSON object"],
      [{ to: "all", message: "x", oops: 1 }, 400, '"oops" must be one of'],
      [{ to: "client", id: "x", message: "x" }, 400, "20 hex digits"],
      [{ to: "uid", id: "", message: "x" }, 400, "text that is not empty"],
      [{ to: "all", message: "x", policy: "?" }, 400, "policy must be one of"],
      [{ to: "all", message: "x".repeat(17 * 2 ** 20) }, 413, "at most"],
    ] as const
  ) {
    const response = await post(body);
    assertEquals(response.status, status);
    assert(response.body.error.includes(error), response.body.error);
  }
  const plain = { method: "POST", body: '{"to":"all","message":"x"}' };
  assertEquals((await call("/api/send", plain)).status, 415);
  for (
    const [path, status, error] of [
      ["/api/online", 400, '"uid" is missing'],
      ["/api/count?grup=x", 400, 'found "grup"'],
      ["/api/count?group=a&group=b", 400, 'more than one "group"'],
      ["/api/count?partial=1", 400, 'true or false: found "1"'],
      ["/api/count?group=", 400, "text that is not empty"],
      ["/api/client?client=7", 400, "20 hex digits"],
      ["/api/send", 405, "use POST"],
      ["/nothing", 404, "there is no /nothing"],
    ] as const
  ) {
    const response = await call(path);
    assertEquals(response.status, status);
    assert(response.body.error.includes(error), response.body.error);
  }
  assertEquals((await call("/api/count", { method: "POST" })).status, 405);

  assertEquals(await api.heard(api.api), ["", "", "", ""]);
});

Deno.test("without the token nothing is answered or sent, and the token opens everything", async () => {
  await using admin = await startAdmin();
  const { api, call, post } = admin;
  const order = { to: "all", message: "x" };

  for (const authorization of ["", "Bearer wrong"]) {
    const headers = { authorization };
    assertEquals((await post(order, headers)).status, 401);
    assertEquals((await call("/api/sessions", { headers })).status, 401);
    assertEquals((await call("/nothing", { headers })).status, 401);
  }
  assertEquals(await api.heard(api.api), ["", "", "", ""]);

  assertEquals((await post(order)).body, { reached: 4 });
  assertEquals((await call("/api/count")).body, { count: 4 });
});

Deno.test("where no token is set, nothing of clients is answered, and nothing sent", async () => {
  await using admin = await startAdmin("");
  const { api, call, post } = admin;

  const refused = await post({ to: "all", message: "x" });
  assertEquals(refused.status, 403);
  assert(refused.body.error.includes("--api-token"), refused.body.error);
  for (const { name } of QUESTIONS) {
    assertEquals((await call(`/api/${name}`)).status, 403);
  }
  assertEquals((await call("/api/openapi.json")).status, 200);
  assertEquals(await api.heard(api.api), ["", "", "", ""]);
});

Deno.test("a silent gateway is told, with what the others answered", async () => {
  await using admin = await startAdmin();
  await using mute = new MuteGateway();
  await mute.announce(admin.api.roles.register);
  await mute.die();
  let response = await admin.call("/api/count");
  while (response.status === 200) response = await admin.call("/api/count");

  assertEquals(response.status, 504);
  assertEquals(response.body.partial, 4);
  assertEquals(response.body.gateways, [mute.address]);
  const partial = await admin.call("/api/count?partial=true");
  assertEquals(partial, { status: 200, body: { count: 4 } });
});

Deno.test("AdminServer.start() rejects an address that is open to others without a token, or taken", async () => {
  await using admin = await startAdmin();
  const cluster = admin.api.api;
  const taken = new URL(admin.origin).host;

  await assertRejects(
    () => AdminServer.start({ cluster, listen: "0.0.0.0:0" }),
    TypeError,
    "without a token",
  );
  await assertRejects(
    () => AdminServer.start({ cluster, listen: taken }),
    Deno.errors.AddrInUse,
  );
});

Deno.test("an AdminServer ends with its signal", async () => {
  await using api = await startApiCluster();
  const stop = new AbortController();
  const server = await AdminServer.start({
    cluster: api.api,
    listen: LISTEN,
    signal: stop.signal,
  });

  stop.abort();

  await server.finished;
  await server.shutdown();
});

Deno.test("a RouteServer ends with its signal, and answers its routes until then", async () => {
  await using _log = await LogLines.collect();
  const stop = new AbortController();
  const server = await RouteServer.start({
    listen: LISTEN,
    signal: stop.signal,
    routes: [
      {
        method: "GET",
        path: "/x",
        openTo: "anybody",
        answer: () => new Response("y"),
      },
      {
        method: "GET",
        path: "/broken",
        openTo: "machine",
        answer: () => {
          throw new Deno.errors.NotSupported("broken");
        },
      },
    ],
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;

  assertEquals(await (await fetch(`${origin}/x`)).text(), "y");
  const broken = await fetch(`${origin}/broken`);
  assertEquals([broken.status, await broken.json()], [500, {
    error: "Cannot answer: see the log",
  }]);
  stop.abort();

  await server.finished;
  await server.shutdown();
});
