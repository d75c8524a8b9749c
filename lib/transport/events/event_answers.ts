import type { CloseReason } from "../connection.ts";
import type { HttpAnswer } from "../http/http_answer.ts";

/** What was posted was taken. */
export const TAKEN: HttpAnswer = { status: 204 };

/** There is no such stream here, nor at any gateway that is known. */
export const UNKNOWN: HttpAnswer = {
  status: 404,
  body: "404 no stream has this token: begin another one\n",
};

/** The home of the stream cannot be reached. */
export const UNREACHABLE: HttpAnswer = {
  status: 502,
  body: "502 the gateway of this stream cannot be reached\n",
};

/** It came before others that it is behind. */
export const OUT_OF_TURN: HttpAnswer = {
  status: 409,
  body: "409 this is not what comes next in the stream\n",
};

/** The stream has an answer already that it is told by. */
export const OCCUPIED: HttpAnswer = {
  status: 409,
  body: "409 the stream is being read already\n",
};

/** It was not read in time: it is to be sent again, under the same number. */
export const HELD_UP: HttpAnswer = {
  status: 503,
  body: "503 the client is too fast: send this again\n",
  headers: [["Retry-After", "1"]],
};

/** The body is none. */
export const UNREADABLE: HttpAnswer = {
  status: 400,
  body: "400 the lengths of the frames do not end where the body does\n",
};

/** Nobody says how long the body is. */
export const NO_LENGTH: HttpAnswer = {
  status: 411,
  body: "411 there must be one Content-Length header\n",
};

/** What was posted is empty. */
export const BODY_MISSING: HttpAnswer = {
  status: 400,
  body: "400 a body is missing\n",
};

/** The request lacks its number. */
export const NO_NUMBER: HttpAnswer = {
  status: 400,
  body: "400 there must be one Gatewayworker-Number header, from 0 on\n",
};

/** A question that brings something. */
export const NO_BODY: HttpAnswer = {
  status: 400,
  body: "400 this request has no body\n",
};

/** Browsers say which page they come from. */
export const FOREIGN: HttpAnswer = {
  status: 403,
  body: "403 pages of this origin may not connect\n",
};

/** Returns what is said of a body that is too long. */
export function tooLong(limit: number): HttpAnswer {
  return {
    status: 413,
    body: `413 the body has more than ${limit} bytes\n`,
  };
}

/** What a WebSocket client is told by a code, as HTTP says it; all others are 410. */
const STATUSES: Readonly<Record<number, number>> = {
  1002: 400,
  1007: 400,
  1008: 429,
  1009: 413,
  4010: 403,
  4011: 401,
  4012: 503,
  4013: 503,
};

/** The stream is being closed: it says itself why. */
export const CLOSING: HttpAnswer = {
  status: 410,
  body: "410 the stream is being closed\n",
};

/** Returns what is said of a stream that has ended. */
export function endedBy({ code, reason }: CloseReason): HttpAnswer {
  const status = STATUSES[code] ?? 410;
  return {
    status,
    body: `${status} the stream has ended: ${code} ${reason}\n`,
  };
}
