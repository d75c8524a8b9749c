import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { NodeProof } from "../../../lib/roster/register_proof.ts";
import { Trust, type TrustOptions } from "../../../lib/peer/trust.ts";
import {
  Admission,
  type AdmissionOptions,
} from "../../../lib/register/admission.ts";
import { Peer } from "../../../lib/register/peer.ts";
import { NODE } from "../../integration/security/_certificates.ts";

const NEAR = "127.0.0.1";
const FAR = "10.0.0.1";

function peerAt(remoteHostname: string): Peer {
  return new Peer({
    remoteAddress: `${remoteHostname}:1`,
    remoteHostname,
    maxLine: 0,
    writeInFlight: 0,
    async *lines() {},
    send() {},
    close: () => Promise.resolve(),
    destroy() {},
  }, { identify: 1, stale: 1, write: 1 });
}

async function admission(
  trust: TrustOptions,
  acceptPlainKey = false,
  php: Partial<AdmissionOptions> = {},
): Promise<Admission> {
  const options = { acceptPlainKey, phpPeers: false, phpSecretKey: "" };
  return new Admission(await Trust.load(trust), { ...options, ...php });
}

Deno.test("without a secret everybody may join who names none", async () => {
  const open = await admission({});

  assertEquals(open.refusalOf(peerAt(FAR)), undefined);
  assertMatch(open.refusalOf(peerAt(FAR), "k") ?? "", /is not ours/);
});

Deno.test("the plain key is good on this machine, and from others only if that is allowed", async () => {
  const strict = await admission({ secretKey: ["k", "l"] });
  const lenient = await admission({ secretKey: ["k", "l"] }, true);

  for (const key of ["k", "l"]) {
    assertEquals(strict.refusalOf(peerAt(NEAR), key), undefined);
    assertEquals(lenient.refusalOf(peerAt(FAR), key), undefined);
    assertMatch(
      strict.refusalOf(peerAt(FAR), key) ?? "",
      /in clear over the network, which needs --accept-plain-key/,
    );
  }
  for (const key of ["", "K", "kl"]) {
    assertMatch(lenient.refusalOf(peerAt(NEAR), key) ?? "", /is not ours/);
  }
});

Deno.test("over TLS the plain key is not in clear", async () => {
  const tls = await admission({ secretKey: "k", ...NODE });

  assertEquals(tls.refusalOf(peerAt(FAR), "k"), undefined);
});

Deno.test("a peer that has proved a key needs to send none, wherever it is", async () => {
  const strict = await admission({ secretKey: ["k", "l"] });
  const peer = peerAt(FAR);
  const node = new NodeProof(["l"]);

  const signed = node.sign(strict.challenge(peer, node.hello()), "a line");

  assert(signed !== undefined);
  assertEquals(strict.proofFor(peer), undefined);
  assert(strict.prove(peer, signed));
  assertEquals(strict.refusalOf(peer), undefined);
  assert(node.isProved(strict.proofFor(peer)));
  assertFalse(strict.prove(peer, signed), "a second time");
});

Deno.test("a line that was changed after it was signed proves nothing", async () => {
  const strict = await admission({ secretKey: "k" });
  const peer = peerAt(FAR);
  const node = new NodeProof(["k"]);
  const signed = node.sign(strict.challenge(peer, node.hello()), "a line");

  assert(signed !== undefined);
  assertFalse(strict.prove(peer, { ...signed, line: "another line" }));
  assertMatch(strict.refusalOf(peer) ?? "", /is not ours/);
});

Deno.test("a node with the key of the original may join, as one of the original", async () => {
  const php = { phpPeers: true, phpSecretKey: "p" };
  const open = await admission({ secretKey: "k" }, false, php);
  const [original, ours, stranger] = [peerAt(FAR), peerAt(NEAR), peerAt(NEAR)];

  assertEquals(open.refusalOf(original, "p"), undefined);
  assertEquals(open.isOriginal(original), true);
  assertEquals(open.refusalOf(ours, "k"), undefined);
  assertEquals(open.isOriginal(ours), false);
  assertEquals(open.refusalOf(stranger, ""), "its secret key is not ours");
});
