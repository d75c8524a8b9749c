import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import {
  type ClaimAnswer,
  claimAnswerBody,
  decodeClaim,
  decodeSettle,
  encodeClaim,
  readClaimAnswer,
} from "../../../../lib/wire/bodies/claim.ts";
import { decodeBody, encodeBody } from "../../../../lib/wire/body.ts";

const CLAIM = {
  hash: new Uint8Array(32).fill(7),
  mark: new Uint8Array(8).fill(9),
  received: 12,
  uid: "ann",
};

const EVENT = {
  command: 3,
  flags: 1,
  deliveries: 2,
  number: 5,
  payload: new Uint8Array([1, 2, 3]),
};

const GIVEN: ClaimAnswer = {
  outcome: "given",
  client: {
    previous: 4_000_000_000,
    id: "of people",
    window: 60_000,
    away: 12,
    gone: 3,
    frames: [new Uint8Array([109, 1]), new Uint8Array(0)],
    received: 9,
    handled: 7,
    uid: "ann",
    groups: ["room"],
    session: new Uint8Array([160]),
    login: 0,
    version: 4,
    events: 5,
    isIntroduced: true,
    waiting: [EVENT],
    running: [EVENT, EVENT],
    worker: "worker",
    isBusy: true,
    requests: [{ id: "7", number: 5, isCancelled: false }],
    grant: { uid: "ann", groups: [], session: undefined },
    stamps: new Map([["a", 4_294_967_295], ["b", 1]]),
  },
};

function across(answer: ClaimAnswer): ClaimAnswer {
  return readClaimAnswer(decodeBody(encodeBody(claimAnswerBody(answer))));
}

Deno.test("claims, and what is given for one, come across as they are", () => {
  const settle = {
    ...CLAIM,
    address: "10.0.0.1:2000",
    client: 3,
    names: ["uann", "groom"],
    came: 7,
  };
  const claimed = {
    outcome: "claimed",
    names: ["uann"],
    senders: ["worker", "program"],
    came: 7,
  } as const;

  assertEquals(across(claimed), claimed);
  assertEquals(decodeClaim(encodeClaim(CLAIM)), CLAIM);
  assertEquals(decodeSettle(encodeClaim(settle)), settle);
  assertEquals(across(GIVEN), GIVEN);
  for (const outcome of ["expired", "lost", "refused", "busy"] as const) {
    assertEquals(across({ outcome }), { outcome });
  }
});

Deno.test("readClaimAnswer() throws ProtocolError for whatever is no answer", () => {
  const { client } = claimAnswerBody(GIVEN);
  const given = client as Record<string, unknown>;
  const wrong = [
    7,
    {},
    { outcome: "perhaps" },
    { outcome: "given" },
    { outcome: "claimed", senders: 7 },
    { outcome: "moved" },
    { outcome: "moved", address: "nowhere" },
    ...["frames", "waiting", "running", "requests"].flatMap((name) => [
      { outcome: "given", client: { ...given, [name]: 7 } },
      { outcome: "given", client: { ...given, [name]: [7] } },
    ]),
    { outcome: "given", client: { ...given, waiting: [[3, -1, 0, 1, ""]] } },
    { outcome: "given", client: { ...given, uid: 7 } },
  ];

  for (const each of wrong) {
    assertThrows(() => readClaimAnswer(each), ProtocolError);
  }
  for (const each of [{}, { ...CLAIM, hash: new Uint8Array(3) }]) {
    assertThrows(() => decodeClaim(encodeBody(each)), ProtocolError);
  }
  for (const address of ["", "nowhere", "10.0.0.1:2000\n"]) {
    const settle = { ...CLAIM, client: 3, names: [], address };
    assertThrows(() => decodeSettle(encodeClaim(settle)), ProtocolError);
  }
});
