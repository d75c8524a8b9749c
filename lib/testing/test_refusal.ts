import type { Refusal } from "../transport/connection.ts";

/** The gateway's `authorize` did not let a client in. */
export class TestRefusal extends Error {
  /** `TestRefusal`. */
  override readonly name = "TestRefusal";
  /** Status of the HTTP answer. */
  readonly status: number;
  /** Its body. */
  readonly body: string;

  /**
   * Made by {@linkcode TestCluster.connect}.
   *
   * @param refusal What the client was answered.
   */
  constructor({ status, body = "" }: Refusal) {
    super(`Cannot connect as authorize refused the client: ${status} ${body}`);
    this.status = status;
    this.body = body;
  }
}
