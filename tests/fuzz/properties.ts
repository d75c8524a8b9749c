import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import process from "node:process";
import { AddressSet } from "../../lib/base/address_set.ts";
import type { CloseReason } from "../../lib/transport/connection.ts";
import { frameProtocol } from "../../lib/transport/protocols/frame.ts";
import { HeadReader } from "../../lib/transport/http/http_head.ts";
import { HttpConversation } from "../../lib/transport/http/http_conversation.ts";
import { healthRoutes } from "../../lib/transport/http/http_routes.ts";
import { Inflation } from "../../lib/transport/websocket/deflate/inflation.ts";
import { readProxyHeader } from "../../lib/transport/admission/proxy_header.ts";
import type { StreamProtocol } from "../../lib/transport/socket/stream_connection.ts";
import { textProtocol } from "../../lib/transport/protocols/text.ts";
import { WebSocketConnection } from "../../lib/transport/websocket/websocket.ts";
import {
  type Inflate,
  WebSocketDecoder,
} from "../../lib/transport/websocket/frames/websocket_decoder.ts";
import { parseExtensions } from "../../lib/transport/websocket/deflate/websocket_extension.ts";
import { Inflater } from "../../lib/transport/websocket/deflate/zlib_stream.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
} from "../unit/transport/_fake_stream.ts";
import {
  bytes,
  chunked,
  feed,
  FrameLog,
  text,
} from "../unit/transport/_feed.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";
import {
  type Chunked,
  chunkings,
  conversationBytes,
  frameBytes,
  longRuns,
  plainRuns,
  requestBytes,
  textBytes,
  webSocketBytes,
} from "./arbitraries.ts";
import { decisionIsClean, decisions } from "./decisions.ts";
import { HANDLER_PROPERTIES } from "./handler_properties.ts";
import { PHP_PROPERTIES } from "./php_properties.ts";
import { frameSays, textSays, webSocketSays } from "./reference.ts";
import { TEXT_READERS } from "./text_readers.ts";

/** Something that holds for any bytes. */
export interface Property {
  /** As a sentence. */
  readonly name: string;
  /** Tries so many inputs; throws if one of them is a counterexample. */
  run(parameters: FuzzParameters): Promise<void> | void;
}

/** How much is tried. */
export interface FuzzParameters {
  /** How many inputs. */
  readonly numRuns: number;
  /** What they are made from; a new one each time if left out. */
  readonly seed?: number;
}

const MAX_MESSAGE = 250;

/** A decoder is like a reference, however the bytes are cut. */
function alike(
  name: string,
  inputs: fc.Arbitrary<Uint8Array>,
  decode: (pieces: Iterable<Uint8Array>) => string[],
  reference: (whole: Uint8Array) => string[],
): Property {
  const check = ({ whole, pieces }: Chunked) => {
    const expected = reference(whole);
    assertEquals(decode([whole.slice()]), expected, "whole");
    assertEquals(decode(pieces.map((piece) => piece.slice())), expected, "cut");
    assertEquals(decode(chunked(whole, 1)), expected, "byte by byte");
  };
  const property = fc.property(chunkings(inputs), check);
  return { name, run: (parameters) => fc.assert(property, parameters) };
}

function webSocketDecodes(
  pieces: Iterable<Uint8Array>,
  deflate: boolean,
): string[] {
  const log = new FrameLog();
  const inflater = new Inflater();
  const inflate: Inflate = (source, start, end, binary) => {
    inflater.reset();
    const rules = { limit: MAX_MESSAGE, binary };
    const inflation = new Inflation(inflater, source, start, end, rules);
    const target = new Uint8Array(MAX_MESSAGE + 1);
    while (!inflation.step(target));
    return inflation.fault ?? target.slice(0, inflation.length);
  };
  const decoder = deflate
    ? new WebSocketDecoder(log, MAX_MESSAGE, inflate)
    : new WebSocketDecoder(log, MAX_MESSAGE);
  feed(decoder, pieces);
  inflater.close();
  return log.lines;
}

function streamDecodes(
  protocol: StreamProtocol,
  pieces: Iterable<Uint8Array>,
): string[] {
  const lines: string[] = [];
  let isOver = false;
  const decoder = protocol.createDecoder({
    onMessage(buffer, start, end) {
      lines.push(String.fromCharCode(...buffer.subarray(start, end)));
      return true;
    },
    onFault({ code }: CloseReason) {
      lines.push(`fault ${code}`);
      isOver = true;
    },
  }, 60);
  feed({
    decode: (buffer, start, end) =>
      isOver ? end - start : decoder.decode(buffer, start, end),
  }, pieces);
  return lines;
}

/** What a reader of heads makes of pieces: one line. */
function headSays(pieces: Iterable<Uint8Array>): string[] {
  const reader = new HeadReader({ maxSize: 700, maxHeaders: 9 });
  let said = "incomplete";
  feed({
    decode: (buffer, start, end) => {
      if (said !== "incomplete") return end - start;
      const result = reader.read(buffer, start, end);
      if (result.kind === "head") {
        said = `head ${JSON.stringify(result.head)} ${result.size}`;
      } else if (result.kind === "malformed") said = `status ${result.status}`;
      return 0;
    },
  }, pieces);
  return [said];
}

const readsHeads: Property = {
  name: "HeadReader says the same of a request however it is cut",
  run: (parameters) =>
    fc.assert(
      fc.property(chunkings(requestBytes), ({ whole, pieces }) => {
        const expected = headSays([whole]);
        assertEquals(headSays(pieces), expected, "cut");
        assertEquals(headSays(chunked(whole, 1)), expected, "byte by byte");
      }),
      parameters,
    ),
};

/** What a client that speaks HTTP gets for pieces: answers, and how it goes on. */
function httpSays(pieces: Iterable<Uint8Array>): string[] {
  const limits = { maxSize: 700, maxHeaders: 9 };
  const http = new HttpConversation(limits, healthRoutes(() => undefined));
  const said: string[] = [];
  let isOver = false;
  feed({
    decode: (buffer, start, end) => {
      if (isOver) return end - start;
      const { taken, answers, next } = http.hear(buffer, start, end);
      assert(taken >= 0 && taken <= end - start);
      said.push(...answers.map((answer) => text(answer).slice(0, 12)));
      isOver = next.kind !== "more";
      if (isOver) said.push(next.kind);
      return taken;
    },
  }, pieces);
  return said;
}

const answersHttp: Property = {
  name: "HttpConversation answers the same requests however they are cut",
  run: (parameters) =>
    fc.assert(
      fc.property(chunkings(conversationBytes), ({ whole, pieces }) => {
        const expected = httpSays([whole]);
        assertEquals(httpSays(pieces), expected, "cut");
        assertEquals(httpSays(chunked(whole, 1)), expected, "byte by byte");
      }),
      parameters,
    ),
};

const survivesAnything: Property = {
  name:
    "WebSocketConnection takes any bytes, in bounded memory, and ends once at most",
  run: (parameters) =>
    fc.assert(
      fc.asyncProperty(
        chunkings(fc.oneof(webSocketBytes, fc.uint8Array({ maxLength: 300 }))),
        fc.boolean(),
        async ({ pieces }, isUpgraded) => {
          using context = new FakeContext(MAX_MESSAGE, 4_000);
          const stream = new FakeStream();
          const connection = new WebSocketConnection(stream, context);
          const log = new ConnectionLog();
          connection.open(log);
          if (isUpgraded) await stream.deliver(bytes(UPGRADE_REQUEST));
          for (const piece of pieces) {
            if (!stream.isClosed && piece.length > 0) {
              await stream.deliver(piece);
            }
          }
          if (!stream.isClosed) await stream.deliverEnd();
          await context.pass(2_000);

          assert(Math.max(...stream.readSizes) <= 65_536);
          const ends = log.lines.filter((line) => line.startsWith("close"));
          assertEquals(ends.length, log.lines.includes("open") ? 1 : 0);
          assertEquals([stream.isClosed, context.ended.length], [true, 1]);
        },
      ),
      parameters,
    ),
};

const neverThrows: Property = {
  name: "what reads headers of proxies and extensions takes anything",
  run: (parameters) =>
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.oneof(fc.string(), longRuns(100)),
        (source, value) => {
          readProxyHeader(source, 0, source.length);
          const start = bytes("PROXY TCP4 1.1.1.1 1.1.1.1 1 1");
          readProxyHeader(Uint8Array.of(...start, ...source), 0, start.length);
          parseExtensions(value);
          parseExtensions(`permessage-deflate; ${value}`);
          new AddressSet(["10.0.0.0/8", "fd00::/8"]).has(value);
        },
      ),
      parameters,
    ),
};

/** Characters of a run: at 20 ns for each pair of them, a square takes 5 s. */
const RUN_LENGTH = 16_384;
const PLAIN_RUNS = plainRuns(RUN_LENGTH);

/** Milliseconds of the processor for that; most take less than one. */
const MOST_TIME = 40;
const TRIES = 5;

/** Milliseconds of the processor that this process has used. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Returns how long a reader takes at best, in milliseconds of the processor. */
function bestTime(read: (text: string) => unknown, text: string): number {
  let best = Infinity;
  for (let i = 0; i < TRIES && best > MOST_TIME; i++) {
    const start = processorTime();
    try {
      read(text);
    } catch {
      // It says what is wrong with the text, which is all right.
    }
    best = Math.min(best, processorTime() - start);
  }
  return best;
}

const takesNoTime: Property = {
  name: "no reader of a stranger's text takes long over a long run of anything",
  run: ({ numRuns, ...parameters }) =>
    fc.assert(
      fc.property(longRuns(RUN_LENGTH), (text) => {
        for (const [what, read] of Object.entries(TEXT_READERS)) {
          const time = bestTime(read, text);
          assert(time <= MOST_TIME, `${what}: ${Math.round(time)} ms`);
        }
      }),
      {
        ...parameters,
        examples: PLAIN_RUNS.map((text): [string] => [text]),
        // Every input is large, and goes to every reader.
        numRuns: PLAIN_RUNS.length + Math.ceil(numRuns / 10),
      },
    ),
};

/** IPv4 ranges by arithmetic. */
const knowsRanges: Property = {
  name: "AddressSet has the addresses that arithmetic says it has",
  run: (parameters) => {
    const address = fc.nat(0xffff_ffff);
    const format = (value: number) =>
      [24, 16, 8, 0].map((shift) => value >>> shift & 255).join(".");
    return fc.assert(
      fc.property(address, address, fc.nat(32), (base, value, bits) => {
        const set = new AddressSet([`${format(base)}/${bits}`]);
        const size = 2 ** (32 - bits);
        const isIn = Math.floor(base / size) === Math.floor(value / size);
        assertEquals(set.has(format(value)), isIn);
        assertEquals(set.has(`::ffff:${format(value)}`), isIn);
      }),
      parameters,
    );
  },
};

const checksDecisions: Property = {
  name: "what authorize returns is a clean grant, a clean refusal, or an error",
  run: (parameters) =>
    fc.assert(fc.property(decisions, decisionIsClean), parameters),
};

/** All that must hold for any bytes. */
export const PROPERTIES: readonly Property[] = [
  alike(
    "WebSocketDecoder says what a simple reference says",
    webSocketBytes,
    (pieces) => webSocketDecodes(pieces, false),
    (whole) =>
      webSocketSays(whole, { maxMessage: MAX_MESSAGE, deflate: false }),
  ),
  alike(
    "WebSocketDecoder with compression says what a simple reference says",
    webSocketBytes,
    (pieces) => webSocketDecodes(pieces, true),
    (whole) => webSocketSays(whole, { maxMessage: MAX_MESSAGE, deflate: true }),
  ),
  alike(
    "the text protocol says what a simple reference says",
    textBytes,
    (pieces) => streamDecodes(textProtocol, pieces),
    (whole) => textSays(whole, 60),
  ),
  alike(
    "the frame protocol says what a simple reference says",
    frameBytes,
    (pieces) => streamDecodes(frameProtocol, pieces),
    (whole) => frameSays(whole, 60),
  ),
  readsHeads,
  answersHttp,
  survivesAnything,
  neverThrows,
  takesNoTime,
  knowsRanges,
  ...HANDLER_PROPERTIES,
  ...PHP_PROPERTIES,
  checksDecisions,
];
