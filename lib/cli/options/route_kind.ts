import {
  parseRoute,
  ROUTE_PATTERN,
  ROUTE_RULE,
} from "../../gateway/workers/route_rule.ts";
import { LABEL_RULE, parseLabels } from "../../wire/bodies/labels.ts";
import { type Kind, listOf } from "./option_kind.ts";

/** By what the worker of a client is chosen. */
export const ROUTE: Kind<string> = {
  placeholder: "RULE",
  rule: ROUTE_RULE,
  many: false,
  schema: { type: "string", pattern: ROUTE_PATTERN },
  accepts: (text) => parseRoute(text) !== undefined,
  read: (texts) => texts.at(-1) ?? "",
};

const LABEL = "^[^=,]+=[^=,]+$";

/** What workers are told apart by. */
export const LABELS: Kind<readonly string[]> = {
  placeholder: "NAME=VALUE",
  rule: `"name=value": ${LABEL_RULE}`,
  many: true,
  schema: listOf(LABEL),
  accepts: (text) => parseLabels(text) !== undefined,
  read: (texts) => texts,
};
