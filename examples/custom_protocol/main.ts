/**
 * Devices with a protocol of their own on one port, browsers on another: whatever a
 * sensor says, every browser gets.
 *
 *     deno run -A examples/custom_protocol/main.ts
 *     printf '$21.5,40*2C' | nc -q1 127.0.0.1 8283
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
await gateway.finished;
