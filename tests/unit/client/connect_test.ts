import { assertEquals, assertThrows } from "@std/assert";
import { connect as connectCore } from "../../../lib/client/core.ts";
import { connect } from "../../../lib/client/mod.ts";

Deno.test("connect() throws TypeError for an address that is none of WebSocket", () => {
  assertThrows(() => connect("http://127.0.0.1/"), TypeError, "ws: or wss:");
  assertThrows(() => connect("nonsense"), TypeError);
});

Deno.test("connect() of the core throws TypeError where there is no WebSocket, and says what to do", () => {
  const { WebSocket } = globalThis;
  Reflect.deleteProperty(globalThis, "WebSocket");
  try {
    assertThrows(
      () => connectCore("ws://127.0.0.1/"),
      TypeError,
      "use Node 22",
    );
  } finally {
    globalThis.WebSocket = WebSocket;
  }
});

Deno.test("connect() does not wait to close what it has just begun", () => {
  const socket = connect("ws://127.0.0.1:9/", { token: () => "never" });
  socket.close();
  assertEquals(socket.state, "closed");
});
