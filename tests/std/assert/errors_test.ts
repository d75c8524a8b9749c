import {
  AssertionError,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "./mod.ts";

/** The failure of an assertion, caught without help of assertThrows(). */
async function failure(body: () => unknown): Promise<AssertionError> {
  const [result] = await Promise.allSettled([(async () => await body())()]);
  if (result.status === "rejected" && result.reason instanceof AssertionError) {
    return result.reason;
  }
  throw new TypeError(`Cannot find a failure: ${Deno.inspect(result)}`);
}

const toss = (value: unknown) => () => {
  throw value;
};
const reject = (value: unknown) => () => Promise.reject(value);

Deno.test("assertThrows() returns what was thrown", () => {
  const error = new RangeError("7 is too much");

  assertStrictEquals(assertThrows(toss(error)), error);
  assertStrictEquals(assertThrows(toss(error), Error, "too much"), error);
});

Deno.test("assertThrows() fails if nothing is thrown", async () => {
  const error = await failure(() => assertThrows(() => 1, Error, "a", "why"));

  assertStringIncludes(error.message, "Expected function to throw: why");
});

Deno.test("assertThrows() fails if the class is another", async () => {
  const error = await failure(() =>
    assertThrows(toss(new Error("a")), TypeError)
  );

  assertMatch(error.message, /instance of "TypeError".*"Error".*"a"/);
});

Deno.test("assertThrows() fails if the message is another", async () => {
  const error = await failure(() =>
    assertThrows(toss(new Error("a")), Error, "b")
  );

  assertMatch(error.message, /include "b".*got "a"/);
});

Deno.test("assertThrows() fails if an error is expected and a text thrown", async () => {
  const error = await failure(() => assertThrows(toss("a"), Error));

  assertStringIncludes(error.message, "non-Error");
});

Deno.test("assertRejects() returns what the promise was rejected with", async () => {
  const error = new RangeError("7 is too much");

  assertStrictEquals(await assertRejects(reject(error)), error);
  assertStrictEquals(
    await assertRejects(reject(error), RangeError, "too much"),
    error,
  );
});

Deno.test("assertRejects() fails if the promise fulfils", async () => {
  const error = await failure(() => assertRejects(() => Promise.resolve()));

  assertStringIncludes(error.message, "Expected function to reject");
});

Deno.test("assertRejects() fails if the function throws by itself", async () => {
  const error = await failure(() =>
    assertRejects(toss(new Error("a")) as () => Promise<never>, Error)
  );

  assertStringIncludes(error.message, "throws when expected to reject");
});

Deno.test("assertRejects() fails if the error is another", async () => {
  const error = await failure(() =>
    assertRejects(reject(new Error("a")), TypeError)
  );

  assertStringIncludes(error.message, 'instance of "TypeError"');
});
