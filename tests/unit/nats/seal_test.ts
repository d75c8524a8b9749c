import { assertEquals } from "@std/assert";
import { Kind, seal, unseal } from "../../../lib/nats/seal.ts";

const encoder = new TextEncoder();
const SUBJECT = "gw.shop.cells";
const parts = [encoder.encode("he"), encoder.encode("llo")];

Deno.test("unseal() opens what was sealed with any of its keys, on the same subject", () => {
  const message = seal("new", SUBJECT, Kind.Heartbeat, parts);

  const opened = unseal(["old", "new"], SUBJECT, message);

  assertEquals(opened?.kind, Kind.Heartbeat);
  assertEquals(new TextDecoder().decode(opened?.body), "hello");
  assertEquals(unseal(["old"], SUBJECT, message), undefined);
  assertEquals(unseal([], SUBJECT, message), undefined);
  assertEquals(unseal(["new"], "gw.shop.push", message), undefined);
});

Deno.test("unseal() opens nothing that was changed, cut or made longer, wherever", () => {
  const message = seal("key", SUBJECT, Kind.Data, parts);
  const opens = (bytes: Uint8Array) => unseal(["key"], SUBJECT, bytes);

  for (let at = 0; at < message.length; at++) {
    const changed = message.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assertEquals(opens(changed), undefined, `byte ${at}`);
    assertEquals(opens(message.subarray(0, at)), undefined, `cut at ${at}`);
  }
  assertEquals(opens(new Uint8Array([...message, 0])), undefined);
});
