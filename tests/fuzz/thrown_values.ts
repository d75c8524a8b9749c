import fc from "fast-check";

/** A value that throws at whatever is done with it. */
function trap(target: object): object {
  const refuse = (): never => {
    throw new Error("in a trap");
  };
  return new Proxy(target, {
    get: refuse,
    has: refuse,
    getPrototypeOf: refuse,
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An error with properties that no error should have. */
function odd(properties: PropertyDescriptorMap): Error {
  return Object.defineProperties(new TypeError("odd"), properties);
}

const refuse = (): never => {
  throw Symbol("in a getter");
};

/** What handlers may throw or return that nobody expects. */
export const ODD_VALUES: Readonly<Record<string, () => unknown>> = {
  "an object without a prototype": () => Object.create(null),
  "a symbol": () => Symbol("odd"),
  "a proxy that throws": () => trap({}),
  "an error behind a proxy that throws": () => trap(new Error("hidden")),
  "bytes behind a proxy that throws": () => trap(new Uint8Array(3)),
  "a revoked proxy": revoked,
  "an object whose text throws": () => ({ toString: refuse }),
  "an error with getters that throw": () =>
    odd({
      name: { get: refuse },
      message: { get: refuse },
      stack: { get: refuse },
    }),
  "an error with symbols in place of texts": () =>
    odd({
      name: { value: Symbol() },
      message: { value: Symbol() },
      stack: { value: Symbol() },
    }),
  "an error that is its own cause": () => {
    const error = new Error("round");
    return Object.assign(error, { cause: error });
  },
  "an error with a message of 200,000 characters": () =>
    new Error("x".repeat(200_000)),
  "a text of 200,000 characters": () => "x".repeat(200_000),
  "a thenable whose then throws": () => ({ then: refuse }),
  "a thenable whose then cannot be read": () =>
    Object.defineProperty({}, "then", { get: refuse }),
  "a thenable that resolves twice, then throws": () => ({
    then: (resolve: (value: unknown) => void) => {
      resolve("once");
      resolve("twice");
      throw new Error("thrice");
    },
  }),
  "something with a then that is no function": () => ({ then: 7 }),
  "bytes that were given away": () => {
    const bytes = new Uint8Array(3);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    return bytes;
  },
};

/** Makes any value at all: fast-check itself would stumble over some of them. */
export const oddValues: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.constantFrom(...Object.values(ODD_VALUES)),
  fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true })
    .map((value) => () => value),
  fc.string().map((text) => () => new SyntaxError(text)),
);
