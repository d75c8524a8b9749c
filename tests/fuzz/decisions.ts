import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  checkDecision,
  type Decision,
} from "../../lib/gateway/clients/decision.ts";
import {
  decodeClientState,
  encodeClientState,
} from "../../lib/wire/bodies/client_state.ts";
import { decodeSession } from "../../lib/wire/bodies/session.ts";
import { faultOfName } from "../../lib/wire/bodies/name.ts";
import { encodeAnswer } from "../../lib/transport/http/http_answer.ts";
import { text } from "../unit/transport/_feed.ts";

const MAX_SESSION = 2_000;

const anything = fc.anything({
  maxDepth: 3,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "\ud800", "\ufeffann", "a\r\nb: c", "x".repeat(1_025)),
);

/** Nearly a value: sometimes it, sometimes anything. */
function nearly<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

const grants = nearly(fc.record({
  uid: nearly(texts),
  groups: nearly(fc.array(nearly(texts), { maxLength: 4 })),
  session: nearly(fc.dictionary(texts, anything, { maxKeys: 4 })),
}, { requiredKeys: [] }));

const HEADER_NAMES = ["X-A", "Content-Type", "content-type", "Content-Length"];

const headers = nearly(fc.array(
  nearly(fc.tuple(
    nearly(fc.oneof(texts, fc.constantFrom(...HEADER_NAMES))),
    nearly(texts),
  )),
  { maxLength: 3 },
));

const refusals = nearly(fc.record({
  status: nearly(fc.integer({ min: 390, max: 610 })),
  body: nearly(texts),
  headers,
}, { requiredKeys: [] }));

/** What `authorize` may return: nearly a grant, nearly a refusal, or anything. */
export const decisions: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ kind: fc.constant("accept"), grant: grants }),
  fc.record({ kind: fc.constant("refuse"), refusal: refusals }),
  fc.record({ kind: nearly(texts), grant: grants, refusal: refusals }),
  anything,
);

/** Either an error that says so, or something that can do no harm from here on. */
export function decisionIsClean(value: unknown): void {
  const decision = check(value);
  if (decision === undefined) return;
  if (decision.kind === "refuse") return assertClean(decision);
  const { uid, groups, session } = decision.grant;
  const state = {
    version: 1,
    session,
    uid,
    remoteAddress: "127.0.0.1:1",
    listener: 0,
    previousId: undefined,
  };
  assertEquals(decodeClientState(encodeClientState(state)), state);
  decodeSession(session);
  assert((session?.length ?? 0) <= MAX_SESSION);
  for (const name of uid === undefined ? groups : [uid, ...groups]) {
    assertEquals(faultOfName(name), undefined);
  }
}

function check(value: unknown): Decision | undefined {
  try {
    return checkDecision(value, MAX_SESSION);
  } catch (error) {
    assert(
      error instanceof TypeError || error instanceof RangeError,
      `${error}`,
    );
    assert(error.message.startsWith("Cannot "), error.message);
    return undefined;
  }
}

/** An answer of one status line, headers that are there once, and the body. */
function assertClean(
  { refusal }: Extract<Decision, { kind: "refuse" }>,
): void {
  const answer = text(encodeAnswer(refusal));
  const end = answer.indexOf("\r\n\r\n");
  const [first = "", ...lines] = answer.slice(0, end).split(/\r\n|\r|\n/);
  assert(/^HTTP\/1\.1 [45]\d\d [A-Z]/.test(first), first);
  const names = lines.map((line) => line.replace(/:.*/s, "").toLowerCase());
  const given = refusal.headers ?? [];
  const others = given.filter(([name]) => !/^content-/i.test(name));
  const isTyped = given.some(([name]) => /^content-type$/i.test(name));
  const hasType = isTyped || (refusal.body ?? "") !== "";
  assertEquals(names.length, others.length + 3 + (hasType ? 1 : 0));
  assertEquals(
    names.filter((name) => name === "content-length" || name === "date").length,
    2,
  );
}
