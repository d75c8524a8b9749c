import { isLabelWord, LABEL_RULE } from "../../wire/bodies/labels.ts";
import { isToken } from "../../transport/list_reader.ts";
import type { RouteFunction } from "./route_function.ts";

/** By what the worker of a client is chosen. */
export type RouteRule =
  /** Who has fewest clients of this gateway, by weight. */
  | { readonly kind: "least" }
  /** The same worker for the same uid, at every gateway. */
  | { readonly kind: "uid" }
  /** The same for the same value of a header of the upgrade request. */
  | { readonly kind: "header"; readonly name: string }
  /** One with the label that the client asks for; `asks` says where, beside `authorize`. */
  | { readonly kind: "label"; readonly asks: LabelSource | undefined }
  /** As the program says. */
  | { readonly kind: "function"; readonly choose: RouteFunction };

/** Where a client says which value of a label it wants. */
export type LabelSource =
  /** By the first part of the path. */
  | { readonly in: "path"; readonly label: string }
  /** By a header. */
  | { readonly in: "header"; readonly name: string; readonly label: string };

/** What a rule may be as text. */
export const ROUTE_RULE =
  `"least", "hash:uid", "hash:header:NAME", "label", "label:path:LABEL" or "label:header:NAME:LABEL"`;

/** A rule as text may match this; what it names is looked at beside. */
export const ROUTE_PATTERN =
  "^(least|hash:uid|hash:header:[^:]+|label(:path:.+|:header:[^:]+:.+)?)$";

/** Whoever has fewest, which is what is done if nobody says. */
export const LEAST: RouteRule = { kind: "least" };

/** Reads a rule that is written as text; `undefined` if it is none. */
export function parseRoute(text: string): RouteRule | undefined {
  if (text === "least") return LEAST;
  if (text === "hash:uid") return { kind: "uid" };
  if (text === "label") return { kind: "label", asks: undefined };
  const [kind, place, name = "", ...rest] = text.split(":");
  const label = kind === "label" && place === "path"
    ? [name, ...rest].join(":")
    : rest.join(":");
  if (kind === "label" && place === "path" && isLabelWord(label)) {
    return { kind: "label", asks: { in: "path", label } };
  }
  if (place !== "header" || !isToken(name)) return undefined;
  if (kind === "hash" && rest.length === 0) {
    return { kind: "header", name: name.toLowerCase() };
  }
  if (kind !== "label" || !isLabelWord(label)) return undefined;
  const asks = { in: "header", name: name.toLowerCase(), label } as const;
  return { kind: "label", asks };
}

/**
 * Takes the option of a program.
 *
 * @throws {TypeError} If it is neither a function nor a rule.
 */
export function resolveRoute(
  route: string | RouteFunction = "least",
): RouteRule {
  if (typeof route === "function") return { kind: "function", choose: route };
  const rule = typeof route === "string" ? parseRoute(route) : undefined;
  if (rule !== undefined) return rule;
  throw new TypeError(
    `Cannot start gateway as route must be a function, ${ROUTE_RULE}, where a label's name is ${LABEL_RULE}: current value is "${route}"`,
  );
}

/** Writes a rule as it is given. */
export function formatRoute(rule: RouteRule): string {
  switch (rule.kind) {
    case "least":
      return "least";
    case "uid":
      return "hash:uid";
    case "header":
      return `hash:header:${rule.name}`;
    case "function":
      return "function";
    case "label":
      return rule.asks === undefined
        ? "label"
        : rule.asks.in === "path"
        ? `label:path:${rule.asks.label}`
        : `label:header:${rule.asks.name}:${rule.asks.label}`;
    default:
      return rule satisfies never;
  }
}
