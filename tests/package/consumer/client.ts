// deno-lint-ignore-file no-console -- a program: what it hears goes to standard output
/** A client in somebody else's project: says, asks, and waits to be told. @module */
import { connect } from "@gatewayworker/core/client";

const client = connect(Deno.args[0] ?? "");
client.on("message", (message) => {
  console.log(message);
  if (message === "enough") client.close();
});
await client.send("hello");
console.log(await client.request("double", 21));
