/**
 * What became of a message or a request that did not come to its end, or, thrown by an
 * answerer of {@linkcode Client.handle}, what the gateway is to be told.
 */
export class CallError extends Error {
  /**
   * Why, in one word. From the library: `timeout`, `gap` (the answer may have been
   * dropped), `lost` (the session ended meanwhile), `closed`, `slow` (parts of a
   * stream were not fetched). From the other side: `failed`, `unknown`, `too-many`,
   * `lost`, or a word of the handler's own.
   */
  readonly code: string;
  /** What the other side said beside it; `null` if nothing. */
  readonly data: unknown;

  /**
   * Says what became of a call.
   *
   * @param code Lower-case letters, digits and `-`.
   * @param data Anything that can be written as JSON.
   * @param message For people; made of the code if left out.
   */
  constructor(
    code: string,
    data: unknown = null,
    message = `Call failed: "${code}"`,
  ) {
    super(message);
    this.name = "CallError";
    this.code = code;
    this.data = data;
  }
}
