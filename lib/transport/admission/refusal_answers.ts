import type { Refusal } from "../connection.ts";

/** Milliseconds that a refused client may take to read its answer. */
export const REFUSAL_TIMEOUT = 1_000;

/** There are as many clients as there may be. */
export const FULL: Refusal = {
  status: 503,
  body: "503 too many clients are connected: try again later\n",
  headers: [["Retry-After", "5"]],
};

/** There are as many clients from one address as there may be. */
export const TOO_MANY: Refusal = {
  status: 429,
  body: "429 too many clients are connected from this address\n",
  headers: [["Retry-After", "5"]],
};

/** The gateway sends its clients to others. */
export const LEAVING: Refusal = {
  status: 503,
  body: "503 this gateway sends its clients to others: try again\n",
  headers: [["Retry-After", "1"]],
};

/** The handshake took too long. */
export const TOO_SLOW: Refusal = {
  status: 408,
  body: "408 the request did not come in time\n",
};

/** It took too long to decide whether the client may come in. */
export const UNDECIDED: Refusal = {
  status: 503,
  body: "503 authorization takes too long: try again later\n",
  headers: [["Retry-After", "5"]],
};

/** It could not be decided. */
export const FAILED: Refusal = {
  status: 500,
  body: "500 authorization failed\n",
};
