/**
 * Devices with a protocol of their own on one port, browsers on another: whatever a
 * sensor says, every browser gets.
 *
 *     deno run -A examples/custom_protocol/main.ts
 *
 * To watch, put this in the console of a browser, on any page that is not `https:`:
 *
 *     new WebSocket("ws://127.0.0.1:8282").onmessage = ({ data }) => console.log(data)
 *
 * To measure, in another shell. The answer is `$ok*04`, or, with another checksum,
 * `$refused: The checksum must be 30*…`:
 *
 *     printf '$21.5,40*30' | nc -q1 127.0.0.1 8283
 *
 * @module
 */
import { BusinessWorker, Gateway, Register } from "@gatewayworker/core";
import { handle } from "./handler.ts";
import { sensorProtocol } from "./protocol.ts";

await using _register = await Register.start();
await using gateway = await Gateway.start({
  listen: [
    "ws://127.0.0.1:8282",
    { url: "tcp://127.0.0.1:8283", protocol: sensorProtocol },
  ],
});
await using _worker = await BusinessWorker.start({ handler: handle });
// deno-lint-ignore no-console -- a program of its own tells where it is
console.log("Browsers: ws://127.0.0.1:8282, sensors: tcp 127.0.0.1:8283");
await gateway.finished;
