/** A type in `deno doc --json`. What `value` is depends on the kind. */
export interface TypeDoc {
  /** Such as `union`. */
  readonly kind: string;
  /** What it is made of. */
  // deno-lint-ignore no-explicit-any
  readonly value?: any;
}

/** Kinds of which the parts stand in a row. */
const JOINED: Readonly<Record<string, string>> = {
  union: " | ",
  intersection: " & ",
};

/**
 * Writes a type as TypeScript does, nearly: enough to see that it has changed.
 *
 * @param type The type.
 * @returns Its text; of a kind that is not known here, its JSON.
 */
export function typeText({ kind, value }: TypeDoc): string {
  switch (kind) {
    case "keyword":
      return value;
    case "literal":
      return JSON.stringify(value[value.kind] ?? value);
    case "typeRef":
      return `${value.typeName}${genericsText(value.typeParams ?? [])}`;
    case "union":
    case "intersection":
      return value.map(typeText).join(JOINED[kind]);
    case "tuple":
      return `[${value.map(typeText).join(", ")}]`;
    case "array":
      return `${typeText(value)}[]`;
    case "parenthesized":
      return `(${typeText(value)})`;
    case "typeOperator":
      return `${value.operator} ${typeText(value.tsType)}`;
    case "fnOrConstructor":
      return `(${value.params.map(partText).join(", ")}) => ${
        typeText(value.tsType)
      }`;
    case "typeLiteral":
      return literalText(value);
    default:
      return JSON.stringify({ kind, value }, withoutPlaces);
  }
}

function genericsText(types: readonly TypeDoc[]): string {
  return types.length === 0 ? "" : `<${types.map(typeText).join(", ")}>`;
}

/** A property, or a parameter. */
function partText(
  { name, optional, readonly, tsType }: {
    name: string;
    optional?: boolean;
    readonly?: boolean;
    tsType: TypeDoc;
  },
): string {
  const mark = optional ? "?" : "";
  return `${readonly ? "readonly " : ""}${name}${mark}: ${typeText(tsType)}`;
}

/** A type literal of properties only; anything else in it as JSON. */
function literalText(
  { properties = [], ...others }: {
    properties?: Parameters<typeof partText>[0][];
  },
): string {
  const parts = properties.map(partText);
  const rest = JSON.stringify(others, withoutPlaces);
  return `{ ${(rest === "{}" ? parts : [...parts, rest]).join("; ")} }`;
}

function withoutPlaces(key: string, value: unknown): unknown {
  return key === "location" || key === "jsDoc" ? undefined : value;
}
