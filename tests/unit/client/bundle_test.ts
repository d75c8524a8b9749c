/**
 * The files for browsers are those of the sources, and small.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { bundlePath, BUNDLES, headLine } from "../../client_library/bundle.ts";

/** Most bytes with gzip. */
const MOST: Readonly<Record<string, number>> = {
  "core.js": 4096,
  "client.js": 5376,
  "contract.js": 2048,
  "presence.js": 2048,
  "sse.js": 2048,
  "tabs.js": 9216,
};

Deno.test("the files for browsers are made of the sources as they are", async () => {
  for (const name of Object.keys(BUNDLES)) {
    const text = await Deno.readTextFile(bundlePath(name));
    assertEquals(
      text.split("\n", 1)[0],
      await headLine(name),
      `Make "${name}" anew: deno task client`,
    );
  }
});

Deno.test("the core of the client library has at most 4 KB, all of it 5.25 KB, the contract 2 KB, presence and what stands in for WebSocket 2 KB, shared tabs 9 KB", async () => {
  for (const [name, most] of Object.entries(MOST)) {
    const zipped = (await Deno.open(bundlePath(name))).readable
      .pipeThrough(new CompressionStream("gzip"));
    const { byteLength } = await new Response(zipped).arrayBuffer();
    assert(byteLength <= most, `"${name}" has ${byteLength} of ${most} bytes`);
  }
});

Deno.test("the client library imports nothing but what lies beside it, when it is needed, and names no API of Deno", async () => {
  for (const name of Object.keys(BUNDLES)) {
    const text = await Deno.readTextFile(bundlePath(name));
    assert(
      !/\bDeno\b|\bimport\b|\bprocess\b/.test(
        text.split("\n").slice(1).join("\n").replace('import("./sse.js")', ""),
      ),
    );
  }
});
