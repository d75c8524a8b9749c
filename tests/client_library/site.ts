import type { GatewayClient, Handler } from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { LinkProxy } from "../_support/link_proxy.ts";

const handler: Handler = (event) => {
  if (event.type === "message") return `echo ${event.text()}`;
  if (event.type === "request") return event.answer(event.data());
};

/** A page with a client of the library, as its gateway serves it. */
function pageWith(gateway: string, cable: string): string {
  return `<!DOCTYPE html><meta charset="utf-8"><title>A page</title>
<a href="/other">elsewhere</a>
<script type="module">
  import { connect } from "http://${gateway}/client.js";
  const log = window.log = [];
  const store = location.search === "?store" ? sessionStorage : undefined;
  const socket = window.socket = connect("ws://${cable}", { store });
  const states = window.states = [];
  socket.on("state", (state) => states.push(state));
  socket.on("message", (message) => log.push(message));
  for (const name of ["back", "fresh", "closed"]) {
    socket.on(name, (event) => log.push({ [name]: event }));
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted) window.cameBack = true;
  });
</script>`;
}

/** A page that shares its connection with all tabs of it. */
function sharedPage(gateway: string, cable: string): string {
  return `<!DOCTYPE html><meta charset="utf-8"><title>A tab</title>
<script type="module">
  import { connectShared } from "http://${gateway}/tabs.js";
  const log = window.log = [];
  const socket = window.socket = connectShared("ws://${cable}");
  socket.on("message", (message) => log.push(message));
  for (const name of ["back", "gap", "fresh", "closed"]) {
    socket.on(name, (event) => log.push({ [name]: event }));
  }
</script>`;
}

/** A cluster whose gateway serves the library, a cable to it, and a page. */
export class Site implements AsyncDisposable {
  readonly cluster: TestCluster;
  /** What the page's client is connected by. */
  readonly cable: LinkProxy;
  /** Sends to whoever is on the page. */
  readonly outside: GatewayClient;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(cluster: TestCluster, outside: GatewayClient) {
    this.cluster = cluster;
    this.outside = outside;
    const gateway = `127.0.0.1:${cluster.gateway.addr.port}`;
    this.cable = new LinkProxy(gateway);
    const html = pageWith(gateway, this.cable.address);
    const shared = sharedPage(gateway, this.cable.address);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) =>
        new Response(
          url.endsWith("/other")
            ? "<p>other"
            : url.endsWith("/shared")
            ? shared
            : html,
          {
            headers: { "content-type": "text/html; charset=utf-8" },
          },
        ),
    );
  }

  /** Starts all of it. */
  static async start(): Promise<Site> {
    const cluster = await startCluster({
      handler,
      gateway: { resume: {}, serveClient: true },
    });
    return new Site(cluster, await cluster.outside());
  }

  /** Where the page is. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.cable[Symbol.dispose]();
    await this.outside[Symbol.asyncDispose]();
    await this.cluster[Symbol.asyncDispose]();
  }
}
