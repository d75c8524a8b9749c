/** Why a {@linkcode TestClient}'s request was not answered. */
export class TestRequestError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "TestRequestError";
  /** What the handler failed with, or why nobody answered: `failed`, `unknown`, `cancelled`, … */
  readonly code: string;
  /** What the handler said beside. */
  readonly data: unknown;

  /**
   * Says why.
   *
   * @param code What was said.
   * @param data What was said beside.
   */
  constructor(code: string, data: unknown) {
    super(`The request was not answered: ${code}`);
    this.code = code;
    this.data = data;
  }
}
