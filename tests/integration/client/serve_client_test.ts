import { assertEquals, assertStringIncludes } from "@std/assert";
import { startCluster } from "../../_support/cluster.ts";

Deno.test("a gateway that serves the client library gives it to pages of any origin, and once", async () => {
  await using cluster = await startCluster({
    handler: () => {},
    gateway: { serveClient: true },
  });
  const url = `http://127.0.0.1:${cluster.gateway.addr.port}/client.js`;

  const first = await fetch(url);
  const { headers } = first;

  assertEquals(first.status, 200);
  assertEquals(headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals(headers.get("access-control-allow-origin"), "*");
  assertEquals(headers.get("cache-control"), "public, max-age=3600");
  const text = await first.text();
  const module = await import(
    `data:text/javascript,${encodeURIComponent(text)}`
  );
  assertEquals(typeof module.connect, "function");

  const head = await fetch(`${url}?v=2`, { method: "HEAD" });
  assertEquals(head.status, 200);
  assertEquals(head.headers.get("content-length"), `${text.length}`);
  assertEquals(await head.text(), "");

  const tag = headers.get("etag") ?? "";
  const again = await fetch(url, { headers: { "If-None-Match": `W/${tag}` } });
  assertEquals(again.status, 304);
  assertEquals(again.headers.get("content-length"), null);
  assertEquals(again.headers.get("etag"), tag);

  const other = await fetch(url, { headers: { "If-None-Match": '"other"' } });
  assertEquals(other.status, 200);
  assertStringIncludes(await other.text(), text);
});

Deno.test("a gateway serves what a page needs of a contract, of shared tabs, and of presence", async () => {
  await using cluster = await startCluster({
    handler: () => {},
    gateway: { serveClient: true },
  });
  const origin = `http://127.0.0.1:${cluster.gateway.addr.port}`;

  for (
    const [file, names] of [
      ["contract.js", ["contract", "typed"]],
      ["tabs.js", ["connectShared"]],
      ["presence.js", ["watchPresence"]],
    ] as const
  ) {
    const text = await (await fetch(`${origin}/${file}`)).text();
    const module = await import(
      `data:text/javascript,${encodeURIComponent(text)}`
    );
    for (const name of names) assertEquals(typeof module[name], "function");
  }
});

Deno.test("a gateway that is not told to serves no client library", async () => {
  await using cluster = await startCluster({ handler: () => {} });
  const { port } = cluster.gateway.addr;

  const answer = await fetch(`http://127.0.0.1:${port}/client.js`);

  assertEquals(answer.status, 426);
  await answer.body?.cancel();
});
