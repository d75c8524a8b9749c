/**
 * As much of [Standard Schema](https://standardschema.dev), version 1, as is used here:
 * what zod (3.24), valibot (1.0), arktype (2.0) and others give as `~standard`.
 *
 * @module
 */

/** Whatever can check a value: a schema of any library that knows Standard Schema. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What libraries of schemas agreed on. */
  readonly "~standard": {
    /** The version of the agreement. */
    readonly version: 1;
    /** Who made the schema. */
    readonly vendor: string;
    /** Checks a value; what it finds may come later. */
    readonly validate: (
      value: unknown,
    ) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** What goes in and what comes out, for the compiler alone. */
    readonly types?:
      | { readonly input: Input; readonly output: Output }
      | undefined;
  };
}

/** What a schema found. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What is wrong with a value. */
export interface SchemaIssue {
  /** For people. */
  readonly message: string;
  /** Where: keys and indexes, from the outside in. */
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}

/** What may be given to a schema. */
export type InputOf<Schema extends StandardSchema> = NonNullable<
  Schema["~standard"]["types"]
>["input"];

/** What a schema makes of it. */
export type OutputOf<Schema extends StandardSchema> = NonNullable<
  Schema["~standard"]["types"]
>["output"];
