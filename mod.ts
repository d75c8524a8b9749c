/**
 * gatewayworker: long-lived client connections for chat, games, devices, live
 * dashboards and push, spread over any number of processes and machines.
 *
 * A {@linkcode Gateway} holds the clients' connections, a
 * {@linkcode BusinessWorker} runs your handler, and a {@linkcode Register} brings
 * them together. {@linkcode GatewayClient} lets any other program push.
 *
 * @example All three roles in one program
 * ```ts
 * import { BusinessWorker, Gateway, Register } from "@gatewayworker/core";
 * import { assertEquals } from "@std/assert";
 *
 * await using register = await Register.start({ listen: "127.0.0.1:0" });
 * const registers = [`127.0.0.1:${register.addr.port}`];
 * await using gateway = await Gateway.start({
 *   listen: ["ws://127.0.0.1:0"],
 *   register: registers,
 *   startPort: 0,
 * });
 * await using _worker = await BusinessWorker.start({
 *   handler: (event) => event.type === "message" ? event.text() : undefined,
 *   register: registers,
 * });
 *
 * const client = new WebSocket(`ws://127.0.0.1:${gateway.addr.port}`);
 * const answer = new Promise((resolve) => client.onmessage = resolve);
 * client.onopen = () => client.send("hello");
 * assertEquals((await answer as MessageEvent).data, "hello");
 * const closed = new Promise((resolve) => client.onclose = resolve);
 * client.close();
 * await closed;
 * ```
 *
 * @module
 */
export * from "./lib/admin/mod.ts";
export * from "./lib/cluster/mod.ts";
export * from "./lib/gateway/mod.ts";
export * from "./lib/register/mod.ts";
export * from "./lib/worker/mod.ts";
