import {
  isLabelWord,
  LABEL_RULE,
  type Labels,
} from "../../wire/bodies/labels.ts";
import type { Refusal, UpgradeRequest } from "../../transport/connection.ts";
import type { LabelSource, RouteRule } from "./route_rule.ts";

/** What a client has said that its worker is chosen by. */
export interface Wish {
  /** Whoever says the same gets the same worker. */
  readonly key?: string;
  /** Labels that its worker must have. */
  readonly labels?: Labels;
  /** Its request, where a program chooses. */
  readonly request?: UpgradeRequest;
}

/** No worker can have what the client asks for. */
const NO_LABEL: Refusal = {
  status: 400,
  body: `400 no worker can be asked for like this: a label is ${LABEL_RULE}\n`,
};

/** Notes a client's wish, if it has one; returns why it cannot come in with that. */
export function noteWish(
  client: { wish: Wish | undefined },
  rule: RouteRule,
  request: UpgradeRequest,
): Refusal | undefined {
  const read = readWish(rule, request);
  if (read === undefined) return undefined;
  if ("status" in read) return read;
  client.wish = read;
  return undefined;
}

/** Reads a client's wish in its request, where the rule goes by that; or why there can be none. */
export function readWish(
  rule: RouteRule,
  request: UpgradeRequest,
): Wish | Refusal | undefined {
  switch (rule.kind) {
    case "header": {
      const key = headerOf(request, rule.name);
      return key === undefined ? undefined : { key };
    }
    case "label":
      return rule.asks && readLabel(rule.asks, request);
    case "function":
      return { request };
    default:
      return undefined;
  }
}

function readLabel(
  source: LabelSource,
  request: UpgradeRequest,
): Wish | Refusal | undefined {
  const value = source.in === "path"
    ? firstPart(request.target)
    : headerOf(request, source.name);
  if (value === undefined || value === "") return undefined;
  if (!isLabelWord(value)) return NO_LABEL;
  return { labels: Object.fromEntries([[source.label, value]]) };
}

function firstPart(target: string): string | undefined {
  const [path = ""] = target.split("?", 1);
  const part = path.split("/", 2)[1];
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    // No label has a percent sign, so this is none.
    return part;
  }
}

function headerOf(
  { headers }: UpgradeRequest,
  wanted: string,
): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1];
}
