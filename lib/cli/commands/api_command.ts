import { formatAddress } from "../../base/address.ts";
import { roomLogger } from "../../observe/logger.ts";
import type { Command } from "../options/command.ts";
import { serve } from "../run/serve.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";
import { PHP_DIAL_KEYS } from "../options/php_options.ts";
import { joinCluster } from "../ask/with_cluster.ts";

const logger = roomLogger("cli");

const NO_TOKEN =
  "Nothing but /api/openapi.json will be answered, as no token is set: start with one in GATEWAYWORKER_API_TOKEN, or with --api-token";

/** Serves the cluster API over HTTP. */
export const apiCommand: Command = {
  name: "api",
  operands: [],
  summary: "let programs in any language push and ask, over HTTP",
  description:
    `Serves the cluster API over HTTP with JSON: POST /api/send, and GET for the
questions of "query", such as /api/count?group=lobby. The document at
/api/openapi.json has all of it. It runs beside any cluster, and joins it when
first asked. Requests carry the token that it was started with: without one it
answers none of them.`,
  examples: `
# for this machine
GATEWAYWORKER_API_TOKEN=secret deno run -A cli.ts api
# then, in another shell
curl -d '{"to":"all","message":"hello"}' -H 'content-type: application/json' -H 'authorization: Bearer secret' http://127.0.0.1:8484/api/send
# for a private network
GATEWAYWORKER_API_TOKEN=secret deno run -A cli.ts api --api-listen 10.0.0.5:8484 --register 10.0.0.1:1236`,
  options: [
    "apiListen",
    "apiToken",
    "register",
    ...NODE_TRUST_KEYS,
    ...PHP_DIAL_KEYS,
    "stopTimeout",
  ],
  run: async (context) => {
    const { apiRoutes } = await import("../../admin/api.ts");
    const { LazyCluster } = await import("../../admin/lazy_cluster.ts");
    const { RouteServer } = await import("../../admin/route_server.ts");
    const { apiListen: listen, apiToken: token } = context.settings;
    await using cluster = new LazyCluster(() => joinCluster(context));
    const routes = apiRoutes(() => cluster.get());
    const options = { who: "api", controlName: `api-${Deno.pid}` };
    return await serve(context, options, () => ({
      what: `HTTP API on ${listen}`,
      start: (signal) => {
        if (token === "") logger.warn(NO_TOKEN);
        return RouteServer.start({ routes, listen, token, signal });
      },
      readiness: ({ addr }) => ({
        line: `API ready: http://${formatAddress(addr)}/api (pid ${Deno.pid})`,
        addresses: [],
      }),
    }));
  },
};
