// Notices for people who are logged in, pushed by an ordinary web back end. From the
// checkout, in two shells:
//
//   deno run -A cli.ts start examples/notify/handler.ts
//   deno run -A examples/notify/server.ts
//
// then open http://127.0.0.1:8383, log in, and in a third shell:
//
//   curl -d '{"to":"ann","text":"Your order is on its way"}' -H 'content-type: application/json' http://127.0.0.1:8383/notify
//
// NOTIFY_KEY is the key that tokens are signed with; both programs must have the same.
import { defineHandler } from "@gatewayworker/core";
import { readToken } from "./token.ts";

/** Close code for a page whose token is missing, wrong or too old: log in again. */
const LOG_IN_AGAIN = 4100;

/** Binds whoever brings a good token; all else is the back end's business. */
export default defineHandler({
  connect: async ({ client, request }) => {
    const name = await readToken(request?.query.get("token") ?? "");
    if (name === undefined) {
      const reason = "Log in again";
      return client.close(undefined, { code: LOG_IN_AGAIN, reason });
    }
    await client.bindUid(name);
    return JSON.stringify({ text: `Welcome, ${name}` });
  },
});
