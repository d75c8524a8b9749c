import { encodeAnswer, type HttpAnswer } from "./http_answer.ts";
import {
  hasToken,
  headerValues,
  type HeadLimits,
  HeadReader,
  type RequestHead,
} from "./http_head.ts";
import { answerTo, type HttpRoutes } from "./http_routes.ts";
import { RequestBody } from "./request_body.ts";
import type { Visits } from "./visit.ts";

/** Requests after which a connection ends: whoever has more connects again. */
const MAX_REQUESTS = 100;

/** What becomes of a connection. */
export type Next =
  /** More is to come. */
  | { readonly kind: "more" }
  /** It ends, when what there was to answer has left. */
  | { readonly kind: "end" }
  /** It wants to speak WebSocket; what follows is not HTTP any more. */
  | { readonly kind: "upgrade"; readonly head: RequestHead }
  /** It is for somebody else to answer; its body follows. */
  | { readonly kind: "visit"; readonly head: RequestHead };

/** What was made of bytes that came. */
export interface Heard {
  /** How many bytes were taken; the others come again, with more behind them. */
  readonly taken: number;
  /** What there is to answer, in this order. */
  readonly answers: readonly Uint8Array[];
  /** What follows. */
  readonly next: Next;
}

/** What one request, or a part of it, leads to. */
export type Outcome = Next & { readonly answer?: Uint8Array };

type Step = Outcome & { readonly taken: number };

/** A request whose body is being read. */
interface Asked {
  readonly head: RequestHead;
  readonly body: RequestBody;
}

const MORE = { kind: "more" } as const;

/**
 * What one client says before it speaks WebSocket: requests, one after another, each
 * of which is answered. Reads heads and bodies within limits, and keeps nothing of
 * them. Pure: no I/O, no clock; how long a request may take is its owner's business.
 */
export class HttpConversation {
  readonly #limits: HeadLimits;
  readonly #routes: HttpRoutes;
  readonly #maxRequests: number;
  readonly #visits: Pick<Visits, "wants"> | undefined;
  #head: HeadReader;
  #asked: Asked | undefined;
  #requests = 0;

  /**
   * @param limits How much is read of a head.
   * @param routes What there is to answer.
   * @param maxRequests Requests after which the connection ends.
   * @param visits Knows requests that others answer; there are none if left out.
   */
  constructor(
    limits: HeadLimits,
    routes: HttpRoutes,
    maxRequests: number = MAX_REQUESTS,
    visits: Pick<Visits, "wants"> | undefined = undefined,
  ) {
    this.#limits = limits;
    this.#routes = routes;
    this.#maxRequests = maxRequests;
    this.#visits = visits;
    this.#head = new HeadReader(limits);
  }

  /** Whether no request has begun that is not answered. */
  get isIdle(): boolean {
    return this.#asked === undefined && this.#head.isUntouched;
  }

  /** Reads `buffer[start, end)`: all that came and was not taken yet. */
  hear(buffer: Uint8Array, start: number, end: number): Heard {
    const answers: Uint8Array[] = [];
    let at = start;
    let step: Step;
    do {
      step = this.#step(buffer, at, end);
      at += step.taken;
      if (step.answer !== undefined) answers.push(step.answer);
    } while (step.kind === "more" && step.taken > 0);
    return { taken: at - start, answers, next: step };
  }

  #step(buffer: Uint8Array, start: number, end: number): Step {
    const asked = this.#asked;
    if (asked !== undefined) {
      const taken = asked.body.take(buffer, start, end);
      return { ...this.#goOn(asked), taken };
    }
    const result = this.#head.read(buffer, start, end);
    switch (result.kind) {
      case "incomplete":
        return { ...MORE, taken: 0 };
      case "malformed": {
        const { status, detail } = result;
        return { ...last({ status, body: `${status} ${detail}\n` }), taken: 0 };
      }
      case "head":
        this.#head = new HeadReader(this.#limits);
        return { ...this.#consider(result.head), taken: result.size };
    }
  }

  #consider(head: RequestHead): Outcome {
    if (head.minorVersion > 0 && headerValues(head, "host").length !== 1) {
      return last(NO_HOST, head);
    }
    if (head.method === "GET" && hasToken(head, "upgrade", "websocket")) {
      return { kind: "upgrade", head };
    }
    if (this.#visits?.wants(head)) return { kind: "visit", head };
    const body = RequestBody.of(head);
    if (body.fault !== undefined) return last(body.fault, head);
    if (body.isComplete) return this.reply(head);
    // It waits for our word on its body: that nobody needs it.
    if (headerValues(head, "expect").length > 0) {
      return last(answerTo(head, this.#routes), head);
    }
    this.#asked = { head, body };
    return MORE;
  }

  /** Some more of a body has come. */
  #goOn({ head, body }: Asked): Outcome {
    if (body.fault !== undefined) return last(body.fault, head);
    if (!body.isComplete) return MORE;
    this.#asked = undefined;
    return this.reply(head);
  }

  /**
   * Answers a request that has come whole.
   *
   * @param answer What to say, if not what the routes do.
   */
  reply(
    head: RequestHead,
    answer: HttpAnswer = answerTo(head, this.#routes),
  ): Outcome {
    const stays = ++this.#requests < this.#maxRequests && isKept(head);
    if (!stays) return last(answer, head);
    return {
      ...MORE,
      answer: encodeAnswer(answer, { to: head, isLast: false }),
    };
  }
}

/** Whether the client means to ask more (RFC 9112, section 9.3). */
function isKept(head: RequestHead): boolean {
  if (hasToken(head, "connection", "close")) return false;
  return head.minorVersion > 0 || hasToken(head, "connection", "keep-alive");
}

function last(answer: HttpAnswer, to?: RequestHead): Outcome {
  return { kind: "end", answer: encodeAnswer(answer, { to }) };
}

const NO_HOST: HttpAnswer = {
  status: 400,
  body: "400 there must be one Host header\n",
};
