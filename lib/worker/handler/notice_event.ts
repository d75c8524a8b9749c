import type { Labels } from "../../wire/bodies/labels.ts";

/**
 * A worker, or a program, says something to this worker, by `sendToWorkers`. Told once,
 * and at most one at a time; what the handler returns is nobody's.
 */
export interface NoticeEvent {
  /** Which event it is. */
  readonly type: "notice";
  /** Differs for every notice, and is the same at every worker. */
  readonly id: string;
  /** Name of whoever sent it. */
  readonly from: string;
  /** Whether it was this worker itself. */
  readonly own: boolean;
  /** The labels of the workers that it is for; none if it is for all. */
  readonly labels: Labels;
  /** Whether it was sent as bytes. */
  readonly binary: boolean;
  /** Returns the message as text. */
  text(): string;
  /** Returns the message as bytes, which are the handler's own. */
  bytes(): Uint8Array;
  /**
   * Returns the message parsed as JSON.
   *
   * @throws {SyntaxError} If it is not JSON.
   */
  json(): unknown;
}
