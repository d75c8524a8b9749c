import { messageOf } from "../../base/errors.ts";
import { parseNatsUrl } from "../../nats/nats_options.ts";
import type { Kind } from "./option_kind.ts";

/** Servers of NATS. */
export const NATS_URLS: Kind<readonly string[]> = {
  placeholder: "URL,…",
  rule: '"nats://host:port" or "tls://host:port", several separated by commas',
  many: true,
  schema: {
    oneOf: [
      { type: "string" },
      { type: "array", items: { type: "string" }, minItems: 1 },
    ],
  },
  accepts: (text) => whyNot(text) === undefined,
  why: whyNot,
  read: (texts) => texts,
};

function whyNot(text: string): string | undefined {
  try {
    parseNatsUrl(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
