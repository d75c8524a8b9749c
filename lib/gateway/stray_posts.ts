import { messageOf } from "../base/thrown.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { UNKNOWN, UNREACHABLE } from "../transport/events/event_answers.ts";
import type {
  EventStreams,
  PostForwarder,
  StrayPost,
} from "../transport/events/event_streams.ts";
import type { HttpAnswer } from "../transport/http/http_answer.ts";
import { hashOf, hintIn } from "../transport/lasting/token.ts";
import {
  decodeStrayPost,
  encodeStrayPost,
  readStrayPostAnswer,
} from "../wire/bodies/stray_post.ts";
import { encodeBody } from "../wire/body.ts";
import { Command } from "../wire/command.ts";
import type { Call } from "./commands/call.ts";
import { LATER } from "./commands/queries.ts";
import type { GatewayPeers } from "./moves/gateway_peers.ts";

const logger = roomLogger("gateway");

/** Milliseconds in which the other gateway must answer: it may hold a post for 25 s. */
const TIMEOUT = 30_000;

/** Most posts, and bytes of them, that are on their way at a time. */
const MAX_POSTS = 1_024;
const MAX_BYTES = 67_108_864;

const BUSY: HttpAnswer = {
  status: 503,
  body: "503 too much is on its way to other gateways: send this again\n",
  headers: [["Retry-After", "1"]],
};

/** Takes what clients post at another gateway than that of their stream to that one. */
export class StrayPosts implements PostForwarder {
  readonly #events: EventStreams;
  readonly #peers: GatewayPeers;
  readonly #log = new RateLimitedLog();
  #posts = 0;
  #bytes = 0;

  /**
   * @param events The streams of this gateway.
   * @param peers The other gateways.
   */
  constructor(events: EventStreams, peers: GatewayPeers) {
    this.#events = events;
    this.#peers = peers;
  }

  forward(post: StrayPost): Promise<HttpAnswer> | undefined {
    const { token, body: { length } } = post;
    const address = hashOf(token) === ""
      ? undefined
      : this.#peers.find(hintIn(token));
    if (address === undefined || address === this.#peers.address) {
      return undefined;
    }
    if (this.#posts >= MAX_POSTS || this.#bytes + length > MAX_BYTES) {
      return Promise.resolve(BUSY);
    }
    this.#posts++;
    this.#bytes += length;
    return this.#send(address, encodeStrayPost(post))
      .catch((error) => this.#fail(address, error))
      .finally(() => {
        this.#posts--;
        this.#bytes -= length;
      });
  }

  /** Another gateway has something for a stream of ours. */
  take({ link, header: { number }, buffer, start, end }: Call): unknown {
    if (link.link.peer.role !== "gateway") {
      throw new TypeError("Cannot take a post: it is for gateways to bring");
    }
    const post = decodeStrayPost(buffer.subarray(start, end));
    const answered = this.#events.postHere(post) ?? Promise.resolve(UNKNOWN);
    void answered.then(({ status, body = "", headers = [] }) => {
      const [, after = "0"] = headers.find(([it]) => it === "Retry-After") ??
        [];
      const answer = { status, body, after: Number(after) };
      link.link.send(Command.Reply, 0, number, encodeBody(answer));
    });
    return LATER;
  }

  async #send(address: string, post: Uint8Array): Promise<HttpAnswer> {
    const { link } = await this.#peers.link(address);
    const { id, reply } = link.pending.add(TIMEOUT);
    link.send(Command.StrayPost, 0, id, post);
    const [value] = await reply;
    const { status, body, after } = readStrayPostAnswer(value);
    return {
      status,
      body,
      ...after > 0 && { headers: [["Retry-After", `${after}`]] },
    };
  }

  #fail(address: string, error: unknown): HttpAnswer {
    const reason = messageOf(error);
    this.#log.once(address, (suppressed) =>
      logger.warn(
        "Cannot take what a client without a WebSocket has posted to gateway {address}: {reason}; it begins anew ({suppressed} like this before)",
        { address, reason, suppressed },
      ));
    return UNREACHABLE;
  }
}
