/**
 * Tests of a handler, without sockets, ports and permissions: {@linkcode TestCluster} is
 * a gateway and a worker in the test's own process, and its clients.
 *
 * @example
 * ```ts
 * import { TestCluster } from "@gatewayworker/core/testing";
 * import { defineHandler } from "@gatewayworker/core/worker";
 * import { assertEquals } from "@std/assert";
 *
 * const handler = defineHandler({
 *   connect: ({ client, request }) => {
 *     client.session = { name: request?.query.get("name") ?? "somebody" };
 *   },
 *   message: async (event, cluster) => {
 *     await cluster.sendToAll(`${event.client.session["name"]}: ${event.text()}`);
 *   },
 * });
 *
 * await using cluster = await TestCluster.start(handler);
 * const ann = await cluster.connect({ target: "/?name=ann" });
 * const bob = await cluster.connect({ target: "/?name=bob" });
 *
 * await ann.send("hello");
 *
 * assertEquals(await bob.next(), "ann: hello");
 * assertEquals(ann.session, { name: "ann" });
 * ```
 *
 * @module
 */
import "../base/copies.ts";

export type {
  BindUidOptions,
  CloseOptions,
  FanOutOptions,
  Message,
  QueryOptions,
  QueuePolicy,
  SendOptions,
  SendToAllOptions,
} from "../cluster/call_options.ts";
export type {
  AskAnswers,
  AskOptions,
  AskResult,
  OnlineOptions,
  Recipients,
} from "../cluster/typed_options.ts";
export type { Cluster } from "../cluster/cluster.ts";
export type { ClientCertificate } from "../base/client_certificate.ts";
export type {
  Authorization,
  AuthorizationRequest,
  Authorize,
  ClientGrant,
} from "../gateway/clients/authorize.ts";
export type { Refusal } from "../transport/connection.ts";
export type { Session } from "../wire/bodies/session.ts";
export type {
  AwayEvent,
  BackEvent,
  ClientCloseEvent,
  ClientEventFacts,
  ClientMessageEvent,
  ClientRequest,
  ConnectEvent,
  Handler,
  HandlerClient,
  HandlerEvent,
  HandlerResult,
  HandlerReturn,
  RequestEvent,
  SlowEvent,
  StartEvent,
  StopEvent,
} from "../worker/handler/handler.ts";
export type {
  TestAnswer,
  TestClient,
  TestClose,
  TestNotice,
  TestRequestOptions,
} from "./test_client.ts";
export {
  TestCluster,
  type TestClusterOptions,
  type TestConnectOptions,
} from "./test_cluster.ts";
export { TestRefusal } from "./test_refusal.ts";
export { TestRequestError } from "./test_request_error.ts";
