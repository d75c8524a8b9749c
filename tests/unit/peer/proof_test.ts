import { assertEquals, assertNotEquals } from "@std/assert";
import {
  findProved,
  MAX_SECRET_KEYS,
  newNonce,
  PROOF_LENGTH,
  proveAll,
} from "../../../lib/peer/proof.ts";

const SAID = [newNonce(), newNonce()];
const CLAIM = { label: "label", said: SAID };

Deno.test("findProved() finds the key that both sides know", () => {
  const proofs = proveAll(["a", "b"], CLAIM);

  assertEquals(proofs.length, 2 * PROOF_LENGTH);
  assertEquals(findProved(["c", "b"], CLAIM, proofs), "b");
  assertEquals(findProved(["c", "d"], CLAIM, proofs), undefined);
});

Deno.test("findProved() takes no key on both sides for a key, and for no other", () => {
  const proofs = proveAll([], CLAIM);

  assertEquals(findProved([], CLAIM, proofs), "");
  assertEquals(findProved(["a"], CLAIM, proofs), undefined);
});

Deno.test("a proof is good for one label and one conversation", () => {
  const proofs = proveAll(["a"], CLAIM);

  assertEquals(
    findProved(["a"], { ...CLAIM, label: "other" }, proofs),
    undefined,
  );
  assertEquals(
    findProved(["a"], { ...CLAIM, said: [newNonce(), newNonce()] }, proofs),
    undefined,
  );
  assertEquals(
    findProved(["a"], { ...CLAIM, said: SAID.toReversed() }, proofs),
    undefined,
  );
});

Deno.test("findProved() takes nothing for a proof that is none", () => {
  const proof = proveAll(["a"], CLAIM);
  const many = new Uint8Array(PROOF_LENGTH * (MAX_SECRET_KEYS + 1));
  many.set(proof);

  for (const bytes of [proof.slice(1), new Uint8Array(0), many]) {
    assertEquals(findProved(["a"], CLAIM, bytes), undefined);
  }
});

Deno.test("newNonce() never gives the same bytes again", () => {
  assertNotEquals(newNonce(), newNonce());
});
