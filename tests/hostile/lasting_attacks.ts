import { type AttackPlan, readOn, say } from "./attack_plan.ts";
import { ASKING } from "./echo.ts";
import { bytes, clientFrame, concat, text } from "../unit/transport/_feed.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";

const UPGRADE = bytes(
  UPGRADE_REQUEST.slice(0, -2) +
    "Sec-WebSocket-Protocol: gatewayworker.v1\r\n\r\n",
);

/** Asks for 200 KB, which is most of what is kept for one client. */
const QUESTIONS = concat(
  ...Array.from({ length: 10 }, () => clientFrame(1, `m${ASKING}`)),
);

/** Tokens of sessions that nobody has just now. */
const tokens: string[] = [];

let requests = 0;

function hello(token: string): Uint8Array {
  return clientFrame(1, `h${JSON.stringify({ t: token, r: 0 })}`);
}

/** Reads until it is welcome; returns the token that it is given. */
async function welcome(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4_096);
  let heard = "";
  while (true) {
    const count = await conn.read(buffer);
    if (count === null) throw new Deno.errors.UnexpectedEof("not welcome");
    heard += text(buffer.subarray(0, count));
    const [, token] = /"t":"([^"]+)"/.exec(heard) ?? [];
    if (token !== undefined) return token;
  }
}

/** Requests, each with an id of its own. */
function manyRequests(): Uint8Array {
  const frames = Array.from(
    { length: 500 },
    () => clientFrame(1, `q${requests++} nobody-knows\n{}`),
  );
  return concat(...frames);
}

/** A token of the right form that nobody was ever given. */
function randomToken(): string {
  return crypto.getRandomValues(new Uint8Array(40))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** What clients do whose sessions outlive their sockets. */
export const LASTING_ATTACKS: Readonly<Record<string, AttackPlan>> = {
  comeAndDrop: {
    title: "clients that ask for much, drop, and come anew, leaving full rings",
    clients: 20,
    pause: 100,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, hello("")));
      await welcome(conn);
      await say(conn, QUESTIONS);
    },
  },
  takeOver: {
    title:
      "clients that take over from themselves without end, and read nothing",
    clients: 20,
    pause: 50,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, hello(tokens.pop() ?? "")));
      tokens.push(await welcome(conn));
      await say(conn, QUESTIONS);
    },
  },
  guesses: {
    title: "clients that guess tokens, and as many that never say hello",
    clients: 500,
    pause: 200,
    attack: async (conn) => {
      await say(conn, UPGRADE);
      if (Math.random() < 0.5) return readOn(conn);
      await say(conn, hello(randomToken()));
      await welcome(conn);
    },
  },
  endlessRequests: {
    title: "requests without end that nobody answers",
    clients: 3,
    pause: 100,
    attack: async (conn) => {
      await say(conn, concat(UPGRADE, hello("")));
      void readOn(conn).catch(() => {});
      while (true) {
        await say(conn, manyRequests());
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  },
};
