import { messageOf } from "../../../lib/base/errors.ts";
import { ask, askOver, Client, Refused } from "../client.ts";
import { agreedProtocol, dial, dialHttp2 } from "../site.ts";
import { type Check, kindsOf, tally } from "./check.ts";

const STATUSES = [401, 429, 503];

/** How often a full gateway is tried. */
const ATTEMPTS = 50;

/** More clients than both gateways take. */
const TOO_MANY = 600;

/** After so many refusals both gateways are full, whichever of them were asked. */
const FEW = 20;

/** Bytes of a cookie: what passes everywhere, and nowhere. */
const COOKIES = { passes: 1_000, fails: 100_000 };

/** A refusal arrives with its status and with what the gateway adds. */
const refusals: Check = {
  title: "401, 429, 503 of `authorize`",
  async run({ site }) {
    const wrong: string[] = [];
    for (const wanted of STATUSES) {
      const { status, headers, stream } = await ask(site, {
        path: `/refuse/${wanted}`,
      });
      stream.destroy();
      if (status !== wanted) wrong.push(`${status} for ${wanted}`);
      else if (headers.get("retry-after") !== "7") {
        wrong.push(`${wanted} without Retry-After`);
      }
    }
    return wrong.length === 0 ? "as they are" : wrong.join(", ");
  },
};

/** What clients see whose gateways have no room. */
export const full: Check = {
  title: "Both gateways full",
  async run({ site }) {
    using stack = new DisposableStack();
    let refusals = 0;
    for (let i = 0; i < TOO_MANY && refusals < FEW; i++) {
      try {
        stack.use(await Client.connect(site));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refusals++;
      }
    }
    if (refusals < FEW) return "never full";
    const outcomes = await Promise.all(
      Array.from(
        { length: ATTEMPTS },
        () =>
          ask(site).then(({ status, headers, stream }) => {
            stream.destroy();
            return `${status}${
              headers.has("retry-after") ? ", Retry-After" : ""
            }`;
          }, messageOf),
      ),
    );
    const kinds = new Set(outcomes);
    if (kinds.size === 1) return kindsOf(kinds);
    return `${kindsOf(kinds)} (${tally(outcomes)})`;
  },
};

/** The longest cookie that passes. */
const headers: Check = {
  title: "Longest cookie",
  async run({ site }) {
    const statusOf = async (size: number) => {
      try {
        const cookie = `a=${"x".repeat(size - 2)}`;
        const { status, stream } = await ask(site, { headers: { cookie } });
        stream.destroy();
        return String(status);
      } catch {
        return "cut";
      }
    };
    let { passes, fails } = COOKIES;
    if (await statusOf(passes) !== "101") return "none of 1,000 bytes";
    while (fails - passes > 1) {
      const middle = Math.floor((passes + fails) / 2);
      if (await statusOf(middle) === "101") passes = middle;
      else fails = middle;
    }
    const kib = (passes / 1_024).toFixed(1);
    return `${kib} KiB, then ${await statusOf(fails + 1_000)}`;
  },
};

/** Whether WebSockets go over HTTP/2, and how many of a browser's. */
const http2: Check = {
  title: "WebSocket over HTTP/2",
  async run({ site }) {
    if (!site.tls || await agreedProtocol(site) !== "h2") return "no";
    const offer = await dialHttp2(site);
    if (offer === undefined) return "no";
    const { session, takesWebSockets, streams } = offer;
    try {
      if (!takesWebSockets) return "no (HTTP/2 for pages)";
      const client = Client.of(await askOver(session, {}));
      await client.hear();
      await client.leave();
      return `yes, ${streams} at a time`;
    } finally {
      session.destroy();
    }
  },
};

/** Other requests reach the gateway. */
const health: Check = {
  title: "`GET /readyz`",
  async run({ site }) {
    const socket = await dial({ ...site, http2: false });
    socket.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const [chunk] = await new Promise<[Uint8Array]>((resolve) => {
      socket.once("data", (data: Uint8Array) => resolve([data]));
      socket.once("close", () => resolve([new Uint8Array(0)]));
    });
    socket.destroy();
    return new TextDecoder().decode(chunk).split(" ")[1] ?? "cut";
  },
};

/** What is asked of every proxy while the silent ones are silent. */
export const ANSWERING: readonly Check[] = [refusals, headers, http2, health];
