import { Letter, NO_ANSWER_ID, readTyped } from "../wire/bodies/typed_frame.ts";
import {
  failureText,
  readJson,
  replyFrame,
  requestText,
} from "../wire/bodies/typed_text.ts";
import type {
  TestAnswer,
  TestNotice,
  TestRequestOptions,
} from "./test_client.ts";
import { TestRequestError } from "./test_request_error.ts";

/** Somebody who waits for an answer. */
interface Waiting {
  readonly answer: PromiseWithResolvers<unknown>;
  readonly onPart: ((value: unknown) => void) | undefined;
}

/** What a client that speaks `gatewayworker.v1` says and hears beside messages. */
export class Conversation {
  readonly #say: (frame: string | Uint8Array) => void;
  readonly #waiting = new Map<string, Waiting>();
  #lastId = 0;
  /** Answers what the client is asked; without it nothing is answered. */
  onAsk: TestAnswer | undefined;
  /** The events that it was told. */
  readonly told: TestNotice[] = [];

  /** @param say Sends a typed frame. */
  constructor(say: (frame: string | Uint8Array) => void) {
    this.#say = say;
  }

  /** Asks something. */
  request(
    name: string,
    data: unknown,
    { signal, onPart }: TestRequestOptions,
  ): Promise<unknown> {
    const id = `${++this.#lastId}`;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { answer, onPart });
    this.#say(requestText(id, name, data));
    const cancel = () => this.#say(`k${id}`);
    signal?.addEventListener("abort", cancel, { once: true });
    return answer.promise.finally(() =>
      signal?.removeEventListener("abort", cancel)
    );
  }

  /** A typed frame came. */
  hear(bytes: Uint8Array): void {
    const { id, name, body } = readTyped(bytes, 0, bytes.length);
    const value = valueOf(bytes, body);
    const waiting = this.#waiting.get(id);
    switch (bytes[0]) {
      case Letter.Request:
        return this.#onRequest(id, name, value);
      case Letter.Part:
        return waiting?.onPart?.(value);
      case Letter.Reply:
      case Letter.BinaryReply:
        this.#waiting.delete(id);
        return waiting?.answer.resolve(value);
      case Letter.Failure:
        this.#waiting.delete(id);
        return waiting?.answer.reject(new TestRequestError(name, value));
    }
  }

  /** The client has gone. */
  end(): void {
    for (const { answer } of this.#waiting.values()) {
      answer.promise.catch(() => {
        // Whoever awaits it sees it.
      });
      answer.reject(new TestRequestError("closed", undefined));
    }
    this.#waiting.clear();
  }

  #onRequest(id: string, name: string, data: unknown): void {
    if (id === NO_ANSWER_ID) {
      this.told.push({ name, data });
      return;
    }
    const answer = this.onAsk;
    if (answer === undefined) return;
    Promise.try(() => answer(name, data)).then(
      (value) => this.#say(replyFrame(id, value)),
      () => this.#say(failureText(id, "failed")),
    );
  }
}

function valueOf(frame: Uint8Array, start: number): unknown {
  const data = frame.slice(start);
  if (frame[0] === Letter.BinaryReply) return data;
  return readJson(data);
}
