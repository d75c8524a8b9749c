import { assertEquals, assertThrows } from "@std/assert";
import {
  changeSession,
  readSession,
  readWholeSession,
} from "../../../lib/original/php_session.ts";
import { decodeSession } from "../../../lib/wire/bodies/session.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const OBJECT = 'O:8:"stdClass":1:{s:1:"a";i:1;}';

function read(text: string) {
  const { session, leftOut } = readSession(encoder.encode(text));
  return { session: decodeSession(session), leftOut };
}

Deno.test("readSession() reads what has a form here, and says what it left out", () => {
  assertEquals(read(""), { session: {}, leftOut: undefined });
  assertEquals(read("N;").session, {});
  assertEquals(read('a:1:{s:1:"n";d:0.5;}').session, { n: 0.5 });
  const { session, leftOut } = read(`a:2:{s:1:"o";${OBJECT}s:1:"n";i:1;}`);
  assertEquals(session, { n: 1 });
  assertEquals(leftOut?.includes("object"), true);
});

Deno.test("readSession() of what is no session says so", () => {
  for (const text of ["i:1;", "b:0;", "x", "a:1:{", OBJECT]) {
    const { session, leftOut } = read(text);
    assertEquals(session, {});
    assertEquals(typeof leftOut, "string");
  }
});

Deno.test("readWholeSession() throws TypeError for what only PHP can read", () => {
  const bytes = encoder.encode(`a:1:{s:1:"o";${OBJECT}}`);
  assertThrows(() => readWholeSession(bytes), TypeError, "object");
});

Deno.test("changeSession() changes keys, and leaves all else as it is", () => {
  const before = encoder.encode(`a:3:{s:1:"a";i:1;s:1:"o";${OBJECT}i:7;N;}`);
  const after = changeSession(before, { b: [true] }, ["a"]);
  assertEquals(
    decoder.decode(after),
    `a:3:{s:1:"o";${OBJECT}i:7;N;s:1:"b";a:1:{i:0;b:1;}}`,
  );
  assertEquals(
    changeSession(encoder.encode('a:1:{s:1:"a";i:1;}'), {}, ["a"]).length,
    0,
  );
});

Deno.test("changeSession() refuses a session with references", () => {
  const before = encoder.encode('a:2:{s:1:"a";i:1;s:1:"b";R:2;}');
  assertThrows(
    () => changeSession(before, { c: 1 }, []),
    TypeError,
    "references",
  );
});
