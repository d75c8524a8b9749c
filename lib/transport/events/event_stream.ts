import { Buffer } from "node:buffer";
import type { ClientCertificate } from "../../base/client_certificate.ts";
import { concat } from "../../base/concat.ts";
import type { ChunkTaker } from "../../base/tls_stream.ts";
import type { Connection } from "../connection.ts";
import {
  dateHeader,
  encodeHead,
  type HeaderList,
  type HttpAnswer,
} from "../http/http_answer.ts";
import type { RequestHead } from "../http/http_head.ts";
import type { Visit, VisitHost } from "../http/visit.ts";
import { LASTING_SUBPROTOCOL } from "../lasting/letters.ts";
import type { ByteStream } from "../socket/client_socket.ts";
import {
  CLOSE_ABNORMAL,
  encodeClose,
} from "../websocket/frames/websocket_frame.ts";
import { endedBy } from "./event_answers.ts";
import {
  encodeEvent,
  encodePadding,
  EventEncoder,
  HEARTBEAT,
} from "./event_encoder.ts";
import { type HeldPosts, PostBox } from "./post_box.ts";

/** Milliseconds of silence after which something is said that means nothing. */
const HEARTBEAT_INTERVAL = 15_000;

/** Milliseconds for which one answer goes on; for a short one, while there is nothing to say. */
const LIFE = 120_000;
const SHORT_LIFE = 20_000;

/** Milliseconds that a client has to ask for the next answer. */
const NEXT_TIMEOUT = 10_000;

/** Bytes that some proxies hold back before they pass on anything. */
const PADDING = 2_048;

/** How an answer is to be: as long as may be, or over as soon as anything was said. */
export type Life = "long" | "short";

/** What a stream begins with. */
export interface EventStreamStart {
  /** The request. */
  readonly head: RequestHead;
  /** Its connection. */
  readonly host: VisitHost;
  /** What is said of the stream's pages in each answer. */
  readonly cors: HeaderList;
  /** What the client goes on with. */
  readonly token: string;
  /** The clock, in milliseconds. */
  readonly clock: () => number;
  /** What is kept of posts, of all streams. */
  readonly held: HeldPosts;
  /** Called with whether it waits to be asked for its next answer, when that changes. */
  readonly onWaiting: (isWaiting: boolean) => void;
  /** Called once, when it is over. */
  readonly onEnd: () => void;
}

/** What carries the events now: the answer to one request. */
interface Carrier {
  readonly host: VisitHost;
  readonly life: Life;
  readonly since: number;
  lastSaid: number;
}

/** Something on its way to the client. */
interface Due {
  readonly bytes: Uint8Array;
  readonly done: PromiseWithResolvers<void>;
  isSaid: boolean;
}

/**
 * The bytes of a WebSocket that travel otherwise: down as events in answers of HTTP, one
 * after another, up in requests. What is at its end takes it for the socket of a client
 * like any other.
 */
export class EventStream implements ByteStream {
  readonly #encoder = new EventEncoder();
  readonly #box: PostBox;
  readonly #cors: HeaderList;
  readonly #token: string;
  readonly #clock: () => number;
  readonly #onWaiting: (isWaiting: boolean) => void;
  readonly #onEnd: () => void;
  #carrier: Carrier | undefined;
  #due: Due | undefined;
  #aloneSince = 0;
  #phase: "upgrading" | "open" | "refused" | "over" = "upgrading";
  /** Who is at the other end; set before anything is read. */
  connection: Connection | undefined;
  readonly remoteAddr: Deno.NetAddr;
  readonly certificate: ClientCertificate | undefined;

  /** Begins with the request that asked for it. */
  constructor(
    { head, host, cors, token, clock, held, onWaiting, onEnd }:
      EventStreamStart,
  ) {
    this.remoteAddr = { transport: "tcp", ...host.client };
    this.certificate = host.certificate;
    this.#cors = cors;
    this.#token = token;
    this.#clock = clock;
    this.#onWaiting = onWaiting;
    this.#onEnd = onEnd;
    this.#box = new PostBox(
      () => this.connection?.isOpen === true,
      held,
    );
    this.#box.push(encodeUpgrade(head));
  }

  /** Whether some answer carries it. */
  get isCarried(): boolean {
    return this.#carrier !== undefined;
  }

  /** It is told by this answer from now on. */
  carryBy(host: VisitHost, life: Life): Visit {
    const time = this.#clock();
    const carrier = { host, life, since: time, lastSaid: time };
    this.#carrier = carrier;
    this.#onWaiting(false);
    host.stay();
    if (this.#phase === "open") this.#begin(carrier);
    this.#say();
    return {
      wanted: 0,
      take: (_, start, end) => {
        // Nobody asks anything behind a question whose answer goes on.
        host.destroy();
        return end - start;
      },
      onDrained: () => {
        if (this.#carrier === carrier) this.#drained(carrier);
      },
      onEnd: () => {
        if (this.#carrier === carrier) this.lose();
      },
    };
  }

  /** Takes what the client posts; see {@linkcode PostBox.offer}. */
  post(number: number, body: Uint8Array): Promise<HttpAnswer> {
    return this.#box.offer(number, body, this.#clock());
  }

  /** Does what is due. To be called every second. */
  look(): void {
    const time = this.#clock();
    this.#box.look(time);
    const carrier = this.#carrier;
    if (carrier === undefined) {
      if (time - this.#aloneSince > NEXT_TIMEOUT) this.lose();
      return;
    }
    if (this.#due !== undefined || this.#phase !== "open") return;
    const { life, since, lastSaid } = carrier;
    const most = life === "short" ? SHORT_LIFE : LIFE;
    if (time - since > most) return this.#turnOver(carrier);
    if (time - lastSaid < HEARTBEAT_INTERVAL) return;
    carrier.lastSaid = time;
    carrier.host.say(HEARTBEAT);
  }

  /** Reads nothing: see {@linkcode EventStream.readChunk}. */
  read(): Promise<null> {
    return Promise.resolve(null);
  }

  readChunk(taker: ChunkTaker): void {
    void this.#box.read().then((chunk) =>
      taker.onChunk(chunk, chunk?.length ?? 0)
    );
  }

  async write(bytes: Uint8Array): Promise<number> {
    const events = this.#toEvents(bytes);
    if (events.length > 0) {
      const done = Promise.withResolvers<void>();
      this.#due = { bytes: events, done, isSaid: false };
      this.#say();
      await done.promise;
    }
    if (this.#encoder.close !== undefined) this.#box.push(CLOSE_ANSWER);
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    this.#box.finish();
    return Promise.resolve();
  }

  close(): void {
    if (this.#phase === "over") return;
    const { close } = this.#encoder;
    const isTold = close !== undefined || this.#phase === "refused";
    this.#phase = "over";
    this.#box.end(endedBy(close ?? CLOSE_ABNORMAL));
    const host = this.#carrier?.host;
    this.#carrier = undefined;
    if (isTold) host?.finish();
    else host?.destroy();
    this.lose();
    this.#onEnd();
  }

  #toEvents(bytes: Uint8Array): Uint8Array {
    if (this.#phase === "upgrading") return this.#takeAnswer(bytes);
    // Why not is said as it is.
    return this.#phase === "refused" ? bytes : this.#encoder.encode(bytes);
  }

  /** What the request for a WebSocket was answered. */
  #takeAnswer(bytes: Uint8Array): Uint8Array {
    if (!Buffer.from(bytes.subarray(0, 12)).equals(SWITCH)) {
      this.#phase = "refused";
      return bytes;
    }
    this.#phase = "open";
    if (this.#carrier !== undefined) this.#begin(this.#carrier);
    const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .indexOf("\r\n\r\n");
    return concat(
      encodeEvent("open", this.#token),
      this.#encoder.encode(bytes.subarray(end + 4)),
    );
  }

  #begin({ host, life }: Carrier): void {
    host.say(encodeHead("200 OK", [
      dateHeader(),
      ["Content-Type", "text/event-stream"],
      ["Cache-Control", "no-store, no-transform"],
      ["X-Accel-Buffering", "no"],
      ["X-Content-Type-Options", "nosniff"],
      ["Connection", "close"],
      ...this.#cors,
    ]));
    if (life === "long") host.say(encodePadding(PADDING));
  }

  #say(): void {
    const [due, carrier] = [this.#due, this.#carrier];
    if (due === undefined || carrier === undefined || due.isSaid) return;
    due.isSaid = true;
    carrier.host.say(due.bytes);
  }

  #drained(carrier: Carrier): void {
    const due = this.#due;
    if (!due?.isSaid) return;
    this.#due = undefined;
    carrier.lastSaid = this.#clock();
    due.done.resolve();
    const isOver = carrier.life === "short" && this.#phase === "open" &&
      this.#encoder.close === undefined;
    if (isOver) this.#turnOver(carrier);
  }

  /** The client is to ask for the next answer. */
  #turnOver({ host }: Carrier): void {
    this.#carrier = undefined;
    this.#aloneSince = this.#clock();
    host.say(NEXT);
    host.finish();
    this.#onWaiting(true);
  }

  /** The client is gone. */
  lose(): void {
    this.#carrier = undefined;
    this.#onWaiting(false);
    this.#due?.done.reject(new Deno.errors.ConnectionReset());
    this.#due = undefined;
    this.#box.finish();
  }
}

const SWITCH = Buffer.from("HTTP/1.1 101");

const NEXT = encodeEvent("next", "");

/** Headers that are of the connection, or of the stream, and not of the client. */
const NOT_PASSED_ON =
  /^(?:connection|upgrade|content-length|transfer-encoding|te|keep-alive|sec-websocket-.*|gatewayworker-.*)$/;

/** Returns the request by which a WebSocket client would have asked for the same. */
function encodeUpgrade(
  { target, headers }: RequestHead,
): Uint8Array<ArrayBuffer> {
  const passedOn = headers
    .filter(([name]) => !NOT_PASSED_ON.test(name))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const host = headers.some(([name]) => name === "host") ? "" : "host: -\r\n";
  return new Uint8Array(Buffer.from(
    `GET ${target} HTTP/1.1\r\n${host}${passedOn.join("")}` +
      "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
      `Sec-WebSocket-Protocol: ${LASTING_SUBPROTOCOL}\r\n\r\n`,
    "latin1",
  ));
}

/** A close frame as a client answers one with: masked, by a key that changes nothing. */
const CLOSE_ANSWER = maskedClose();

function maskedClose(): Uint8Array<ArrayBuffer> {
  const [first = 0, length = 0] = encodeClose({ code: 1005, reason: "" });
  return new Uint8Array([first, length | 0x80, ...new Uint8Array(4)]);
}
