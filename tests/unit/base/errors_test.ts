import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import {
  HandshakeError,
  LinkClosedError,
  ProtocolError,
  QueryTimeoutError,
} from "../../../lib/base/errors.ts";

const classes = { HandshakeError, LinkClosedError, ProtocolError };

for (const [name, ErrorClass] of Object.entries(classes)) {
  Deno.test(`${name} is an Error that says its name and passes its cause on`, () => {
    const cause = new TypeError("why");

    const error = new ErrorClass("Cannot read frame", { cause });

    assertInstanceOf(error, Error);
    assertEquals(String(error), `${name}: Cannot read frame`);
    assertStrictEquals(error.cause, cause);
  });
}

Deno.test("QueryTimeoutError says which gateway was silent for how long", () => {
  const error = new QueryTimeoutError("127.0.0.1:2900", 500);

  assertEquals(error.gateway, "127.0.0.1:2900");
  assertEquals(
    String(error),
    'QueryTimeoutError: Cannot query gateway "127.0.0.1:2900": no reply within 500 ms',
  );
});
