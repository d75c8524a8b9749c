import { ContractError, type ContractIssue } from "./contract_error.ts";
import type {
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from "./standard_schema.ts";

/** How many issues of one payload are told. */
const MAX_ISSUES = 10;

/** How many keys of a path, and characters of each and of a message, are told. */
const [MAX_PATH, MAX_KEY, MAX_MESSAGE] = [32, 64, 300];

/** How deep the payload of a client may be nested. */
const MAX_DEPTH = 64;

/**
 * Checks a payload.
 *
 * @param schema What it must match; without one, there is none.
 * @param value The payload.
 * @param subject What it is, for the error.
 * @returns What the schema makes of it: at once, or, if the schema takes its time, later.
 * @throws {ContractError} If it does not match; an asynchronous schema rejects so.
 */
export function check(
  schema: StandardSchema | undefined,
  value: unknown,
  subject: string,
): unknown {
  if (schema === undefined) return undefined;
  const result = validate(schema, value);
  const read = (result: SchemaResult<unknown>) => {
    if (result.issues === undefined) return result.value;
    const issues = result.issues.slice(0, MAX_ISSUES).map(plainIssue);
    throw new ContractError(subject, issues);
  };
  return result instanceof Promise ? result.then(read) : read(result);
}

function validate(
  { "~standard": standard }: StandardSchema,
  value: unknown,
): ReturnType<StandardSchema["~standard"]["validate"]> {
  const result = standard.validate(value);
  if (value !== null) return result;
  // What is left out travels as null.
  const again = (result: SchemaResult<unknown>) =>
    result.issues === undefined ? result : standard.validate(undefined);
  return result instanceof Promise ? result.then(again) : again(result);
}

/**
 * Checks what a client sent, which may be made to harm: it must not be nested too deep
 * for whoever walks through it, nor have a key that changes what an object is once
 * somebody copies it.
 *
 * @throws {ContractError} If it is, or has.
 */
export function checkForeign(
  schema: StandardSchema | undefined,
  value: unknown,
  subject: string,
): unknown {
  const message = harmOf(value);
  if (message !== undefined) {
    throw new ContractError(subject, [{ path: [], message }]);
  }
  return check(schema, value, subject);
}

/** Level by level, since one that calls itself could be nested too deep for, too. */
function harmOf(value: unknown): string | undefined {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const below: unknown[] = [];
    for (const each of level) {
      if (typeof each !== "object" || each === null) continue;
      if (depth >= MAX_DEPTH) return `Nested deeper than ${MAX_DEPTH}`;
      if (ArrayBuffer.isView(each)) continue;
      if (Object.hasOwn(each, "__proto__")) return 'A key "__proto__"';
      for (const inner of Object.values(each)) below.push(inner);
    }
    level = below;
  }
  return undefined;
}

function plainIssue({ message, path = [] }: SchemaIssue): ContractIssue {
  return {
    // A library's own kind of list would stay one.
    path: Array.from(path.slice(0, MAX_PATH), (segment) => {
      const key = typeof segment === "object" ? segment.key : segment;
      return typeof key === "number" ? key : String(key).slice(0, MAX_KEY);
    }),
    message: String(message).slice(0, MAX_MESSAGE),
  };
}
