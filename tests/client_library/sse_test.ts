/**
 * The client library in Chromium, on pages where no WebSocket gets through.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { defineHandler } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { HttpProxy } from "../_support/http_proxy.ts";
import { LinkProxy } from "../_support/link_proxy.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";

/** A page of another origin than its gateway, which has no WebSocket if it says so. */
function pageWith(gateway: string, cable: string): string {
  return `<!DOCTYPE html><meta charset="utf-8"><title>A page</title>
<script type="module">
  if (location.search === "?none") delete window.WebSocket;
  const { connect } = await import("http://${gateway}/client.js");
  const log = window.log = [];
  const socket = window.socket = connect("ws://${cable}/a?b=1");
  const told = (it) => typeof it === "string" ? it : [...it];
  socket.on("message", (message) => log.push(told(message)));
  for (const name of ["back", "fresh", "closed"]) {
    socket.on(name, (event) => log.push({ [name]: event }));
  }
</script>`;
}

Deno.test({
  name: "a page without a WebSocket in Chromium",
  ignore: !hasChromium(),
  // A browser's sockets end a while after it.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using browser = await TestBrowser.start();
    await using cluster = await startCluster({
      handler: defineHandler({
        message: (event) => event.binary ? event.bytes() : event.text(),
      }),
      gateway: { resume: {}, serveClient: true },
    });
    await using outside = await cluster.outside();
    const gateway = `127.0.0.1:${cluster.gateway.addr.port}`;
    await using proxy = new HttpProxy(gateway);
    using cable = new LinkProxy(proxy.address);
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () =>
        new Response(pageWith(gateway, cable.address), {
          headers: { "content-type": "text/html; charset=utf-8" },
        }),
    );
    const ways = {
      "that has lost it": "?none",
      "whose proxy refuses upgrades": "",
    };
    for (const [name, search] of Object.entries(ways)) {
      const refusedBefore = proxy.refused;
      await t.step({
        name,
        sanitizeOps: false,
        sanitizeResources: false,
        fn: async () => {
          await using open = await browser.open(
            `http://127.0.0.1:${server.addr.port}/${search}`,
          );
          const { page } = open;
          await page.waitForFunction("globalThis.socket?.state === 'open'");
          await page.evaluate("void socket.send('a\\r\\nb ä')");
          await page.evaluate(
            "void socket.send(new Uint8Array([0, 10, 13, 255]))",
          );
          outside.sendToAll("from outside");
          await page.waitForFunction("log.length === 3");
          const heard = await page.evaluate("log") as unknown[];
          assertEquals(
            heard.filter((it) => it !== "from outside"),
            ["a\r\nb ä", [0, 10, 13, 255]],
          );
          const id = await page.evaluate("socket.id");

          cable.cut();
          await page.waitForFunction("log.length === 4");
          outside.sendToAll("after the cut");
          await page.waitForFunction("log.length === 5");
          assertEquals((await page.evaluate("log") as unknown[]).slice(3), [
            { back: { missed: 0, resent: 0 } },
            "after the cut",
          ]);
          assertEquals(await page.evaluate("socket.id"), id);
          await page.evaluate("void socket.close()");
          await eventually("it is gone", () => cluster.gateway.clients === 0);
        },
      });
      assertEquals(proxy.refused - refusedBefore, search === "" ? 2 : 0);
    }
  },
});
