// The back end: an ordinary web server, which serves the page, logs people in, and
// pushes to them. handler.ts says how to run it.
//
// NOTIFY_PORT is where it listens, NOTIFY_REGISTER the Register of the cluster, and
// NOTIFY_GATEWAY the host:port that pages connect to, if not port 8282 of their host.
import { GatewayClient } from "@gatewayworker/core";
import { makeToken } from "./token.ts";

const PORT = Number(Deno.env.get("NOTIFY_PORT") ?? 8383);
const REGISTER = Deno.env.get("NOTIFY_REGISTER") ?? "127.0.0.1:1236";
const GATEWAY = Deno.env.get("NOTIFY_GATEWAY") ?? "";

const cluster = await GatewayClient.connect({ register: REGISTER });
const page = await Deno.readTextFile(new URL("index.html", import.meta.url));
const html = page.replace("{{gateway}}", GATEWAY.replace(/[^\w.:[\]-]/g, ""));

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (`${request.method} ${pathname}`) {
    case "GET /":
      return new Response(html, {
        headers: { "content-type": "text/html; charset=utf-8" },
      });
    case "POST /login":
      return await logIn(await request.json());
    case "POST /notify":
      return await notify(await request.json());
    default:
      return Response.json({ error: "Not found" }, { status: 404 });
  }
}

/** Where a real back end checks a password, and sets a cookie besides. */
async function logIn({ name }: { name?: unknown }): Promise<Response> {
  if (typeof name !== "string" || !/^[\w ]{1,24}$/.test(name)) {
    const error = "A name must be 1 to 24 letters, digits or blanks";
    return Response.json({ error }, { status: 400 });
  }
  return Response.json({ name, token: await makeToken(name) });
}

/** Where a real back end checks who may push. */
async function notify(
  { to, text }: { to?: unknown; text?: unknown },
): Promise<Response> {
  if (typeof to !== "string" || to === "" || typeof text !== "string") {
    return Response.json({ error: "Say to and text" }, { status: 400 });
  }
  const notice = JSON.stringify({ text });
  const reached = await cluster.sendToUid(to, notice, { confirm: true });
  return Response.json({ reached });
}

const server = Deno.serve({
  port: PORT,
  hostname: "127.0.0.1",
  onListen: ({ hostname, port }) =>
    // deno-lint-ignore no-console -- a program of its own tells where it is
    console.log(`Notify: open http://${hostname}:${port}`),
  onError: () => Response.json({ error: "Not understood" }, { status: 400 }),
}, answer);

const stop = () => void server.shutdown();
Deno.addSignalListener("SIGINT", stop);
Deno.addSignalListener("SIGTERM", stop);
await server.finished;
await cluster[Symbol.asyncDispose]();
Deno.removeSignalListener("SIGINT", stop);
Deno.removeSignalListener("SIGTERM", stop);
