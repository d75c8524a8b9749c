import { assertEquals, assertNotEquals } from "@std/assert";
import {
  findProved,
  MAX_SECRET_KEYS,
  newNonce,
  PROOF_LENGTH,
  proveAll,
} from "../../../lib/peer/proof.ts";

const SAID = [newNonce(), newNonce()];

Deno.test("findProved() finds the key that both sides know", () => {
  const proofs = proveAll(["a", "b"], "label", SAID);

  assertEquals(proofs.length, 2 * PROOF_LENGTH);
  assertEquals(findProved(["c", "b"], "label", SAID, proofs), "b");
  assertEquals(findProved(["c", "d"], "label", SAID, proofs), undefined);
});

Deno.test("findProved() takes no key on both sides for a key, and for no other", () => {
  const proofs = proveAll([], "label", SAID);

  assertEquals(findProved([], "label", SAID, proofs), "");
  assertEquals(findProved(["a"], "label", SAID, proofs), undefined);
});

Deno.test("a proof is good for one label and one conversation", () => {
  const proofs = proveAll(["a"], "label", SAID);

  assertEquals(findProved(["a"], "other", SAID, proofs), undefined);
  assertEquals(
    findProved(["a"], "label", [newNonce(), newNonce()], proofs),
    undefined,
  );
  assertEquals(
    findProved(["a"], "label", SAID.toReversed(), proofs),
    undefined,
  );
});

Deno.test("findProved() takes nothing for a proof that is none", () => {
  const proof = proveAll(["a"], "label", SAID);
  const many = new Uint8Array(PROOF_LENGTH * (MAX_SECRET_KEYS + 1));
  many.set(proof);

  for (const bytes of [proof.slice(1), new Uint8Array(0), many]) {
    assertEquals(findProved(["a"], "label", SAID, bytes), undefined);
  }
});

Deno.test("newNonce() never gives the same bytes again", () => {
  assertNotEquals(newNonce(), newNonce());
});
