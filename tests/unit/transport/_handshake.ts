import { encodeAnswer } from "../../../lib/transport/http/http_answer.ts";
import { HttpConversation } from "../../../lib/transport/http/http_conversation.ts";
import { healthRoutes } from "../../../lib/transport/http/http_routes.ts";
import {
  type HandshakeRules,
  judgeUpgrade,
  type Upgrade,
} from "../../../lib/transport/websocket/websocket_handshake.ts";
import { concat } from "./_feed.ts";

/** What a listener makes of a client's first bytes. */
export type FirstWords =
  | { readonly kind: "incomplete" }
  | {
    readonly kind: "answered";
    readonly answer: Uint8Array;
    /** Whether the connection ends then. */
    readonly isLast: boolean;
  }
  | Upgrade & { readonly size: number };

/** Reads a client's first bytes as a listener with these rules does. */
export function hearFirst(
  source: Uint8Array,
  rules: HandshakeRules,
): FirstWords {
  const http = new HttpConversation(rules.head, healthRoutes(() => undefined));
  const { taken, answers, next } = http.hear(source, 0, source.length);
  if (next.kind !== "upgrade") {
    return answers.length === 0 ? { kind: "incomplete" } : {
      kind: "answered",
      answer: concat(...answers),
      isLast: next.kind === "end",
    };
  }
  const judged = judgeUpgrade(next.head, rules);
  return judged.kind === "upgrade" ? { ...judged, size: taken } : {
    kind: "answered",
    answer: encodeAnswer(judged.answer),
    isLast: true,
  };
}
