import { readTapOrder, type TapOrder } from "../wire/bodies/tap.ts";
import type { TapItem } from "../cluster/tap_feed.ts";
import { endsWithin } from "../base/pause.ts";
import type { Route } from "./router.ts";

/** Frames a second of one gateway, if nobody says otherwise. */
export const DEFAULT_TAP_RATE = 100;

/** Milliseconds after which an empty line says that the tap is still there. */
const KEEP_ALIVE = 15_000;

/** A tap that runs. */
export interface RunningTap extends AsyncDisposable {
  /** Waits for what comes next; `undefined` after the end. */
  next(): Promise<TapItem | undefined>;
}

const encoder = new TextEncoder();

/** The taps of one server: they end with it. */
export class OpenTaps implements AsyncDisposable {
  readonly #begin: (order: TapOrder) => Promise<RunningTap>;
  readonly #taps = new Set<RunningTap>();
  #isOver = false;

  /** @param begin Begins to tap. */
  constructor(begin: (order: TapOrder) => Promise<RunningTap>) {
    this.#begin = begin;
  }

  /** Begins one. */
  async open(order: TapOrder): Promise<RunningTap> {
    const tap = await this.#begin(order);
    this.#taps.add(tap);
    if (this.#isOver) await tap[Symbol.asyncDispose]();
    return {
      next: () => tap.next(),
      [Symbol.asyncDispose]: async () => {
        this.#taps.delete(tap);
        await tap[Symbol.asyncDispose]();
      },
    };
  }

  /** Ends all. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(
      Array.from(this.#taps, (tap) => tap[Symbol.asyncDispose]()),
    );
  }
}

/**
 * Returns the route that shows frames as they come, a line of JSON each, for as long as
 * the answer is read. Who reads slowly has frames left out.
 *
 * @param open Begins to tap.
 */
export function tapRoute(
  open: (order: TapOrder) => Promise<RunningTap>,
): Route {
  return {
    method: "GET",
    path: "/api/tap",
    answer: async ({ method }, url) => {
      const order = orderOf(url);
      if (method === "HEAD") return new Response();
      return new Response(linesOf(await open(order)), {
        headers: {
          "content-type": "application/x-ndjson; charset=utf-8",
          "cache-control": "no-store",
        },
      });
    },
  };
}

/** @throws {TypeError} If the query is no order. */
function orderOf({ searchParams }: URL): TapOrder {
  const given = [...searchParams];
  const [about, ...others] = given.filter(([name]) => SUBJECTS.has(name));
  const unknown = given.find(([name]) =>
    !SUBJECTS.has(name) && !OPTIONS.has(name)
  );
  if (unknown !== undefined || about === undefined || others.length > 0) {
    throw new TypeError(
      `Cannot tap as it must be one of uid, client or group, with payload, rate and by if need be: found ${
        unknown === undefined
          ? `${given.length === 0 ? "none" : "several"}`
          : JSON.stringify(unknown[0])
      }`,
    );
  }
  for (const [each] of given) {
    if (searchParams.getAll(each).length === 1) continue;
    throw new TypeError(`Cannot tap as "${each}" must be there once`);
  }
  const [subject, name] = about;
  const payload = searchParams.get("payload") ?? "false";
  if (payload !== "true" && payload !== "false") {
    throw new TypeError(
      `Cannot tap as payload must be true or false: found ${
        JSON.stringify(payload)
      }`,
    );
  }
  return readTapOrder({
    subject,
    names: [name],
    payload: payload === "true",
    rate: Number(searchParams.get("rate") ?? DEFAULT_TAP_RATE),
    by: `${searchParams.get("by") ?? "somebody"}, over HTTP with the token,`,
  });
}

const SUBJECTS: ReadonlySet<string> = new Set(["uid", "client", "group"]);
const OPTIONS: ReadonlySet<string> = new Set(["payload", "rate", "by"]);

function linesOf(tap: RunningTap): ReadableStream<Uint8Array> {
  let next: Promise<TapItem | undefined> | undefined;
  return new ReadableStream({
    pull: async (controller) => {
      next ??= tap.next();
      if (!await endsWithin(next, KEEP_ALIVE)) {
        return controller.enqueue(encoder.encode("\n"));
      }
      const item = await next;
      next = undefined;
      if (item === undefined) return controller.close();
      controller.enqueue(encoder.encode(`${JSON.stringify(item)}\n`));
    },
    cancel: () => tap[Symbol.asyncDispose](),
  }, { highWaterMark: 0 });
}
