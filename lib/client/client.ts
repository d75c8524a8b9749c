import {
  type Answerer,
  Calls,
  checkName,
  json,
  type RequestOptions,
} from "./calls.ts";
import { CoreClient } from "./core_client.ts";
import type { Environment } from "./environment.ts";
import type { ConnectOptions } from "./options.ts";

/**
 * A connection to a gateway that comes back by itself where it left, with requests and
 * answers both ways: made by {@linkcode connect}.
 */
export class Client extends CoreClient {
  readonly #calls: Calls;

  /** Made by {@linkcode connect}. */
  constructor(url: URL, options: ConnectOptions, environment: Environment) {
    super(url, options, environment);
    const { conversation } = this;
    const calls = new Calls((make) => conversation.post(make), environment);
    conversation.calls = this.#calls = calls;
  }

  /**
   * Sends a typed event, which has a name and wants no answer.
   *
   * @param name 1 to 128 characters without blanks.
   * @param data Anything that can be written as JSON.
   * @returns As that of {@linkcode Client.send}.
   * @throws {TypeError} For such a name.
   * @throws {RangeError} If more than `maxBuffer` would wait.
   * @throws {CallError} `closed` if it is over.
   */
  notify(name: string, data?: unknown): Promise<void> {
    return this.post(() => `q0 ${checkName(name)}\n${json(data)}`);
  }

  /**
   * Asks the handler something.
   *
   * @param name 1 to 128 characters without blanks.
   * @param data Anything that can be written as JSON.
   * @param options How long to wait, and what cancels it.
   * @returns The answer. Rejects with a {@linkcode CallError}, with what its signal was
   * aborted with, or with what is wrong with the arguments or the buffer.
   */
  request(
    name: string,
    data?: unknown,
    options: RequestOptions = {},
  ): Promise<unknown> {
    return this.#calls.request(name, data, options);
  }

  /**
   * Asks the handler something that it answers in parts. It is asked when the first
   * part is fetched, and cancelled when the loop is left.
   *
   * @param name 1 to 128 characters without blanks.
   * @param data Anything that can be written as JSON.
   * @param options How long to wait for each part, and what cancels it.
   * @returns The parts; what it returns is the answer that ended them. Throws as
   * {@linkcode Client.request} rejects, and a {@linkcode CallError} `slow` if 1024
   * parts wait.
   */
  stream(
    name: string,
    data?: unknown,
    options?: RequestOptions,
  ): AsyncGenerator<unknown, unknown> {
    return this.#calls.stream(name, data, options);
  }

  /**
   * Has a function answer what the gateway asks by a name, and take typed events of
   * that name. If it throws a {@linkcode CallError}, its code and data are the answer.
   *
   * @param name 1 to 128 characters without blanks.
   * @param answerer Gets the data; what it returns, or its promise brings, is the answer.
   * @returns What removes it.
   * @throws {TypeError} For such a name.
   */
  handle(name: string, answerer: Answerer): () => void {
    return this.#calls.handle(name, answerer);
  }
}
