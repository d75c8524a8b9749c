import { deflateRawSync } from "node:zlib";
import { type AttackPlan, readOn, say } from "./attack_plan.ts";
import { FULL_ATTACKS } from "./full_attacks.ts";
import { LASTING_ATTACKS } from "./lasting_attacks.ts";
import { ASKING, COUNTING, PRINTED, SLOWLY } from "./echo.ts";
import { bytes, clientFrame, concat } from "../unit/transport/_feed.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";

const OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
const UPGRADE = bytes(UPGRADE_REQUEST);
const UPGRADE_COMPRESSED = bytes(UPGRADE_REQUEST.slice(0, -2) + OFFER);

function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Sends the same for ever, and does not read. */
async function flood(conn: Deno.TcpConn, piece: Uint8Array): Promise<void> {
  while (true) await say(conn, piece);
}

/** Sends the same 400 times, with pauses of so many milliseconds, and does not read. */
async function repeat(
  conn: Deno.TcpConn,
  piece: Uint8Array,
  pause: number,
): Promise<void> {
  for (let i = 0; i < 400; i++) {
    await say(conn, piece);
    await pass(pause);
  }
}

/** The same frame many times over. */
function many(frame: Uint8Array, count: number): Uint8Array {
  return concat(...Array.from({ length: count }, () => frame));
}

const PINGS = many(clientFrame(9, ""), 2_000);
const TINY_FRAGMENTS = many(clientFrame(0, "x", { fin: false }), 500);
/** A message that was compressed. */
function compressed(opcode: number, message: Uint8Array): Uint8Array {
  const payload = deflateRawSync(message, { finishFlush: 2 }).subarray(0, -4);
  return clientFrame(opcode, new Uint8Array(payload), { reserved: 4 });
}

/** A block with tables of its own, which take long to build, and an empty one. */
const TABLES = Uint8Array.of(
  ...[0x04, 0xc0, 0x81, 0x00, 0x00, 0x00, 0x00, 0x00, 0x90, 0xff, 0x6b, 0x00],
  ...[0x00, 0x00, 0xff, 0xff],
);

const BOMB = compressed(2, new Uint8Array(20_000_000));
const TEXT_BOMB = compressed(1, bytes("ü".repeat(10_000_000)));
const NOTHING = clientFrame(2, many(TABLES, 65_536).slice(0, -4), {
  reserved: 4,
});
const GIANT = clientFrame(2, "", { announced: 2 ** 40, form: 8 });
const ALMOST_WHOLE = clientFrame(2, new Uint8Array(1_048_576)).slice(0, -1);
const LARGEST = clientFrame(2, "", { announced: 1_048_576, form: 8 });
const QUESTION = clientFrame(1, ASKING);
const SESSION_STORM = many(clientFrame(1, COUNTING), 4_000);
const LONG = clientFrame(2, new Uint8Array(20_000));
const STORM = many(clientFrame(1, SLOWLY), 4_900);
const EMPTY_MESSAGES = many(clientFrame(2, ""), 500);
const EMPTY_FRAGMENTS = many(clientFrame(0, "", { fin: false }), 10_000);

/** An upgrade request with a list that goes on and on, and cannot be read. */
const BLANKS = bytes(
  UPGRADE_REQUEST.slice(0, -2) +
    `Sec-WebSocket-Extensions: a${" ".repeat(15_500)}@\r\n\r\n`,
);
/** Requests that come together, one of them with a body in many small chunks. */
const QUESTIONS = bytes(
  "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(98) +
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
    `${"1\r\nx\r\n".repeat(9_000)}0\r\n\r\n`,
);
const JUNK = new Uint8Array(4_096).map((_, i) => i * 167 + 13);

const FORGED = concat(
  ...["", "0".repeat(36)].flatMap((token) =>
    [
      { report: "asked" },
      { report: "failed", message: "forged" },
      { report: "ready", line: "Worker ready: forged", addresses: [] },
      { report: "answer", id: 1, answer: null },
    ].map((each) => clientFrame(1, `${PRINTED}${token}${JSON.stringify(each)}`))
  ),
);
const HALF_REQUESTS = [
  "",
  "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX",
  "POST /api/send HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n{",
];

/** Every attack, by its name. */
export const ATTACKS: Readonly<Record<string, AttackPlan>> = {
  halfOpen: {
    title: "1,000 handshakes that are never finished",
    clients: 1_000,
    pause: 500,
    attack: async (conn) => {
      await say(conn, UPGRADE.slice(0, 40));
      await readOn(conn);
    },
  },
  slowRequest: {
    title: "requests that come a byte a second",
    clients: 300,
    pause: 500,
    attack: async (conn) => {
      for (const byte of UPGRADE) {
        await say(conn, Uint8Array.of(byte));
        await pass(1_000);
      }
    },
  },
  slowMessage: {
    title: "messages that come a byte a second",
    clients: 300,
    pause: 500,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      for (const byte of clientFrame(1, "x".repeat(1_000))) {
        await say(conn, Uint8Array.of(byte));
        await pass(1_000);
      }
    },
  },
  giantLength: {
    title: "messages that are announced as giant",
    clients: 100,
    pause: 200,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, GIANT));
      await readOn(conn);
    },
  },
  largestLength: {
    title: "messages that are announced as large as may be, and never come",
    clients: 500,
    pause: 200,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, LARGEST));
      await readOn(conn);
    },
  },
  endlessFragments: {
    title: "messages of fragments without end",
    clients: 50,
    pause: 100,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, clientFrame(1, "x", { fin: false })));
      while (true) {
        await say(conn, TINY_FRAGMENTS);
        await pass(20);
      }
    },
  },
  emptyFragments: {
    title: "messages of nothing but empty fragments",
    clients: 20,
    pause: 100,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, clientFrame(1, "", { fin: false })));
      await flood(conn, EMPTY_FRAGMENTS);
    },
  },
  emptyMessages: {
    title: "messages without a byte, as many as may be",
    clients: 10,
    pause: 100,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      await repeat(conn, EMPTY_MESSAGES, 200);
    },
  },
  blanks: {
    title: "requests of 16 KB of blanks",
    clients: 20,
    pause: 200,
    attack: async (conn) => {
      await say(conn, BLANKS);
      await readOn(conn);
    },
  },
  questions: {
    title: "questions in HTTP without end, whose answers nobody reads",
    clients: 20,
    pause: 100,
    attack: async (conn) => {
      await flood(conn, QUESTIONS);
    },
  },
  bombs: {
    title: "20 MB of zeros in 20 KB",
    clients: 20,
    pause: 100,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE_COMPRESSED, BOMB));
      await readOn(conn);
    },
  },
  textBombs: {
    title: "20 MB of umlauts in 20 KB",
    clients: 20,
    pause: 100,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE_COMPRESSED, TEXT_BOMB));
      await readOn(conn);
    },
  },
  tables: {
    title: "a megabyte of work that comes to nothing",
    clients: 20,
    pause: 100,
    attack: async (conn) => {
      await say(conn, UPGRADE_COMPRESSED);
      await flood(conn, NOTHING);
    },
  },
  almostWhole: {
    title: "messages that come but for their last byte",
    clients: 100,
    pause: 5_000,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, ALMOST_WHOLE));
      await readOn(conn);
    },
  },
  pings: {
    title: "floods of pings",
    clients: 20,
    pause: 100,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      await flood(conn, PINGS);
    },
  },
  asksForMuch: {
    title: "receivers that ask for much and never read",
    clients: 100,
    pause: 100,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      await repeat(conn, QUESTION, 20);
    },
  },
  neverReads: {
    title: "receivers that send much and never read",
    clients: 100,
    pause: 100,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      await repeat(conn, LONG, 50);
    },
  },
  sessionStorm: {
    title: "4,000 messages at once that each change the session",
    clients: 2,
    pause: 100,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      while (true) {
        await say(conn, SESSION_STORM);
        await pass(3_000);
      }
    },
  },
  storm: {
    title: "4,900 messages at once behind a handler that takes its time",
    clients: 5,
    pause: 100,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, STORM));
      await readOn(conn);
    },
  },
  forgedReports: {
    title: "reports of a worker that a handler is made to print",
    clients: 10,
    pause: 100,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      await repeat(conn, FORGED, 50);
    },
  },
  halfAsked: {
    title: "half requests to the admin address",
    clients: 300,
    pause: 200,
    door: "admin",
    attack: async (conn) => {
      const request = HALF_REQUESTS[Math.floor(Math.random() * 3)] ?? "";
      await say(conn, bytes(request));
      await readOn(conn);
    },
  },
  tooMany: {
    title: "more connections than there may be",
    clients: 3_000,
    pause: 1_000,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      await readOn(conn);
    },
  },
  ...FULL_ATTACKS,
  ...LASTING_ATTACKS,
  junk: {
    title: "bytes that are no HTTP",
    clients: 50,
    pause: 50,
    attack: async (conn) => {
      await say(conn, JUNK);
      await readOn(conn);
    },
  },
};

/** Runs an attack until the process is ended. Never resolves. */
export async function runAttack(plan: AttackPlan, port: number): Promise<void> {
  await Promise.all(
    Array.from({ length: plan.clients }, () => attackForEver(plan, port)),
  );
}

async function attackForEver(
  { attack, pause }: AttackPlan,
  port: number,
): Promise<void> {
  // Not in step: who shares a network does not share a clock.
  await pass(Math.random() * pause);
  while (true) {
    try {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await attack(conn);
    } catch {
      // Thrown out, as it should be: come back in a while.
    }
    await pass((0.5 + Math.random()) * pause);
  }
}
