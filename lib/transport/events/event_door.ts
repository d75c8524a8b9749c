import type { HeaderList, HttpAnswer } from "../http/http_answer.ts";
import { headerValues, type RequestHead } from "../http/http_head.ts";
import type { Visit, VisitHost, Visits } from "../http/visit.ts";
import {
  corsHeaders,
  isPreflight,
  LIFE_HEADER,
  NUMBER_HEADER,
  PREFLIGHT,
  STREAM_HEADER,
} from "./cors.ts";
import {
  BODY_MISSING,
  FOREIGN,
  NO_BODY,
  NO_LENGTH,
  NO_NUMBER,
  OCCUPIED,
  tooLong,
  UNKNOWN,
} from "./event_answers.ts";
import type { EventPort } from "./event_port.ts";
import type { EventStreams } from "./event_streams.ts";

/** What a client asks for that has no stream yet. */
const BEGIN = "v1";

/** Bytes that a request may have beyond the largest message: for others beside it. */
const BESIDE = 65_536;

/** A number of at most 15 digits, which is exact in JavaScript. */
const NUMBER = /^\d{1,15}$/;

/** Judges what comes to a listener for streams. */
export class EventDoor implements Visits {
  readonly #streams: EventStreams;
  readonly #port: EventPort;

  /**
   * @param streams All of the gateway.
   * @param port What the listener says.
   */
  constructor(streams: EventStreams, port: EventPort) {
    this.#streams = streams;
    this.#port = port;
  }

  wants(head: RequestHead): boolean {
    const { method } = head;
    if (method === "OPTIONS") return isPreflight(head);
    return (method === "GET" || method === "POST") &&
      headerValues(head, STREAM_HEADER).length > 0;
  }

  receive(head: RequestHead, host: VisitHost): Visit | undefined {
    const cors = corsHeaders(head, this.#port.origins);
    if (cors === undefined) return void host.refuse(FOREIGN);
    const asked = { head, host, cors };
    if (head.method === "POST") return this.#post(asked);
    if (hasBody(head)) return void host.refuse(withHeaders(NO_BODY, cors));
    if (head.method === "GET") return this.#tell(asked);
    return void host.reply({ status: 204, headers: [...cors, ...PREFLIGHT] });
  }

  /** Begins a stream, or goes on telling one. */
  #tell(asked: Asked): Visit | undefined {
    const { head, host, cors } = asked;
    const token = tokenOf(head);
    const [given] = headerValues(head, LIFE_HEADER);
    const life = given === "short" ? "short" : "long";
    if (token === BEGIN) {
      return this.#streams.begin(this.#port, { ...asked, life });
    }
    const stream = this.#streams.find(token);
    if (stream === undefined) {
      return void host.reply(withHeaders(UNKNOWN, cors));
    }
    if (!stream.isCarried) return stream.carryBy(host, life);
    return void host.reply(withHeaders(OCCUPIED, cors));
  }

  #post({ head, host, cors }: Asked): Visit | undefined {
    const refuse = (answer: HttpAnswer) =>
      void host.refuse(withHeaders(answer, cors));
    const lengths = headerValues(head, "content-length");
    const [length = ""] = lengths;
    const isChunked = headerValues(head, "transfer-encoding").length > 0;
    if (isChunked || lengths.length !== 1 || !NUMBER.test(length)) {
      return refuse(NO_LENGTH);
    }
    const limit = this.#port.maxMessage + BESIDE;
    if (Number(length) > limit) return refuse(tooLong(limit));
    const [number = ""] = headerValues(head, NUMBER_HEADER);
    if (!NUMBER.test(number)) return refuse(NO_NUMBER);
    const post = { token: tokenOf(head), number: Number(number) };
    const visit = {
      wanted: Number(length),
      take: (buffer: Uint8Array, start: number, end: number) => {
        const { wanted } = visit;
        if (end - start < wanted) return 0;
        host.wait();
        const body = buffer.subarray(start, start + wanted);
        void this.#streams.post({ ...post, body })
          .then((answer) => host.reply(withHeaders(answer, cors)));
        return wanted;
      },
      onDrained: () => {},
      onEnd: () => {},
    };
    return visit.wanted > 0 ? visit : refuse(BODY_MISSING);
  }
}

/** A request, and what is known of it. */
interface Asked {
  readonly head: RequestHead;
  readonly host: VisitHost;
  readonly cors: HeaderList;
}

function tokenOf(head: RequestHead): string {
  return headerValues(head, STREAM_HEADER).join();
}

function hasBody(head: RequestHead): boolean {
  return headerValues(head, "transfer-encoding").length > 0 ||
    headerValues(head, "content-length").some((length) => length !== "0");
}

function withHeaders(answer: HttpAnswer, more: HeaderList): HttpAnswer {
  return {
    ...answer,
    headers: [...answer.headers ?? [], ...NOT_STORED, ...more],
  };
}

const NOT_STORED: HeaderList = [["Cache-Control", "no-store"]];
