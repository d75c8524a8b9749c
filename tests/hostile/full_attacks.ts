// deno-lint-ignore-file no-console -- of a program: the test counts its lines
import { TEST_CERT } from "../unit/transport/_certificate.ts";
import { bytes } from "../unit/transport/_feed.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";
import { type AttackPlan, readOn, say } from "./attack_plan.ts";
import { ANSWERED } from "./limits.ts";

const UPGRADE = bytes(UPGRADE_REQUEST);
const TRUST = { hostname: "localhost", caCerts: [TEST_CERT] };

let hello: Promise<Uint8Array> | undefined;

/** What a client of TLS says first: it costs nothing to say it again. */
function clientHello(): Promise<Uint8Array> {
  return hello ??= overhearHello();
}

async function overhearHello(): Promise<Uint8Array> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  using plain = await Deno.connect({ hostname: "127.0.0.1", port });
  using heard = await listener.accept();
  using secure = await Deno.startTls(plain, TRUST);
  secure.handshake().catch(() => {});
  const buffer = new Uint8Array(16_384);
  const count = await heard.read(buffer) ?? 0;
  return buffer.slice(0, count);
}

/** Notes that the gateway has done for a client what it does for few. */
function tellAnswered(): void {
  console.log(ANSWERED);
}

/** Attacks on a gateway that has no room, by their names. */
export const FULL_ATTACKS: Readonly<Record<string, AttackPlan>> = {
  fullTls: {
    title: "clients of TLS that are too many, with complete handshakes",
    clients: 200,
    pause: 200,
    door: "full",
    attack: async (conn) => {
      using secure = await Deno.startTls(conn, TRUST);
      await say(secure, UPGRADE);
      if (await secure.read(new Uint8Array(16_384)) !== null) tellAnswered();
    },
  },
  fullHalfTls: {
    title: "clients of TLS that are too many, with half handshakes",
    clients: 200,
    pause: 200,
    door: "full",
    attack: async (conn) => {
      await say(conn, await clientHello());
      // By then the gateway has signed. Some leave, and some stay.
      const count = await conn.read(new Uint8Array(16_384));
      if (count !== null) tellAnswered();
      if (Math.random() < 0.5) await readOn(conn);
    },
  },
};
