import type { InputOf, OutputOf, StandardSchema } from "./standard_schema.ts";

/** What goes in one direction and is answered in the other. */
export interface CallSchemas {
  /** What is asked with; nothing if left out. */
  readonly in?: StandardSchema;
  /** What is answered; nothing if left out. */
  readonly out?: StandardSchema;
}

/** Calls, or asks, by name. */
export type CallTable = Readonly<Record<string, CallSchemas>>;

/** Events by name. */
export type EventTable = Readonly<Record<string, StandardSchema>>;

/** What clients and handlers say to each other: made by {@linkcode contract}. */
export class Contract<
  Calls extends CallTable = CallTable,
  Events extends EventTable = EventTable,
  Asks extends CallTable = CallTable,
> {
  /** What clients ask handlers. */
  readonly calls: Calls;
  /** What handlers tell clients. */
  readonly events: Events;
  /** What handlers ask clients. */
  readonly asks: Asks;

  /** Made by {@linkcode contract}. */
  constructor(calls: Calls, events: Events, asks: Asks) {
    this.calls = calls;
    this.events = events;
    this.asks = asks;
  }
}

/**
 * Writes down what clients and handlers say to each other: one object, which both
 * import. Names are 1 to 128 characters without blanks. Schemas are those of any library
 * that knows [Standard Schema](https://standardschema.dev).
 *
 * @param tables What clients ask (`calls`), what handlers tell (`events`) and ask
 * (`asks`); those left out are empty.
 * @returns The contract.
 * @throws {TypeError} If a name is none, or a schema is none.
 *
 * @example
 * ```ts ignore
 * import { contract } from "@gatewayworker/core/contract";
 * import { z } from "zod";
 *
 * export const chat = contract({
 *   calls: { say: { in: z.object({ text: z.string() }), out: z.number() } },
 *   events: { said: z.object({ text: z.string(), by: z.string() }) },
 *   asks: { confirm: { in: z.string(), out: z.boolean() } },
 * });
 * ```
 */
export function contract<
  // deno-lint-ignore ban-types -- a table without any name
  Calls extends CallTable = {},
  // deno-lint-ignore ban-types -- a table without any name
  Events extends EventTable = {},
  // deno-lint-ignore ban-types -- a table without any name
  Asks extends CallTable = {},
>(
  tables: {
    readonly calls?: Calls;
    readonly events?: Events;
    readonly asks?: Asks;
  },
): Contract<Calls, Events, Asks> {
  const { calls, events, asks } = tables;
  for (const [kind, table] of Object.entries({ calls, asks })) {
    for (const [name, schemas] of Object.entries(table ?? {})) {
      checkName(kind, name);
      if (schemas.in) checkSchema(`${kind}.${name}.in`, schemas.in);
      if (schemas.out) checkSchema(`${kind}.${name}.out`, schemas.out);
    }
  }
  for (const [name, schema] of Object.entries(events ?? {})) {
    checkName("events", name);
    checkSchema(`events.${name}`, schema);
  }
  return new Contract(calls ?? {}, events ?? {}, asks ?? {}) as Contract<
    Calls,
    Events,
    Asks
  >;
}

/** `then` would make a promise of the object that has it. */
const NAME = /^(?!then$|__proto__$)[^\s\p{Cc}]{1,128}$/u;

function checkName(kind: string, name: string): void {
  if (NAME.test(name)) return;
  throw new TypeError(
    `Cannot have a contract with ${
      JSON.stringify(name.slice(0, 200))
    } among its ${kind} as a name must be 1 to 128 characters without blanks, and not "then" or "__proto__"`,
  );
}

function checkSchema(where: string, schema: StandardSchema): void {
  const standard = schema?.["~standard"];
  if (standard?.version === 1 && typeof standard.validate === "function") {
    return;
  }
  throw new TypeError(
    `Cannot have a contract with ${where} as it must be a Standard Schema: it has no "~standard" of version 1`,
  );
}

/** What whoever calls gives. */
export type Given<Schemas extends CallSchemas> = Schemas["in"] extends
  StandardSchema ? InputOf<Schemas["in"]> : undefined;

/** What whoever answers takes. */
export type Taken<Schemas extends CallSchemas> = Schemas["in"] extends
  StandardSchema ? OutputOf<Schemas["in"]> : undefined;

/** What whoever answers returns. */
export type Returned<Schemas extends CallSchemas> = Schemas["out"] extends
  StandardSchema ? InputOf<Schemas["out"]> : void;

/** What whoever called gets. */
export type Answered<Schemas extends CallSchemas> = Schemas["out"] extends
  StandardSchema ? OutputOf<Schemas["out"]> : void;

/** The arguments of a call: data that may be left out need not be given. */
export type Arguments<Data, Options> = undefined extends Data
  ? [data?: Data, options?: Options]
  : [data: Data, options?: Options];

/** A value after it has been written as JSON and read again. */
export type OnWire<Value> = 0 extends 1 & Value ? Value
  : Value extends { toJSON(): infer Json } ? Json
  : Value extends Uint8Array ? Value
  : Value extends object ? { [Key in keyof Value]: OnWire<Value[Key]> }
  : Value;
