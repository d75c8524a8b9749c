import { messageOf } from "../../../lib/base/errors.ts";
import { Client } from "../client.ts";
import { CLIENT_ADDRESS, type Site, within } from "../site.ts";
import { type Bed, type Check, tally } from "./check.ts";

/** Sizes at which lengths are written differently, and more than any buffer holds. */
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_048_576];

/** How often a greeting is waited for. */
const GREETINGS = 20;

/** Clients that ask and leave. */
const ASKERS = 100;

/** Seconds of silence: more than every time-out that is set by default. */
export const SILENCE = 240;

/** An address that no client has. */
const FORGED = "192.0.2.66";

/** Clients that say nothing. */
const SILENT = 3;

/** Text and bytes of all sizes come back as they are. */
const echo: Check = {
  title: "Echo, 0 bytes to 1 MiB",
  async run({ site }) {
    using client = await Client.connect(site);
    await client.hear();
    for (const size of SIZES) {
      const text = "ä".repeat(size / 2) + "x".repeat(size % 2);
      const bytes = new Uint8Array(size).map((_, i) => i * 7);
      client.send(text);
      client.send(bytes);
      if (await client.hear() !== text) return `no: text of ${size} bytes`;
      const heard = await client.hear();
      if (String(heard) !== String(bytes)) return `no: ${size} bytes`;
    }
    await client.leave();
    return "yes";
  },
};

/** The first word is the server's, and comes although the client says nothing. */
const greeting: Check = {
  title: "Greeting on connect",
  async run({ site }) {
    for (let i = 0; i < GREETINGS; i++) {
      using client = await Client.connect(site);
      await client.hear();
    }
    return "yes";
  },
};

/** The answer to the last question arrives. */
const askAndLeave: Check = {
  title: "Request and goodbye at once",
  async run({ site }) {
    const outcomes: string[] = [];
    for (let i = 0; i < ASKERS; i++) {
      using client = await Client.connect(site);
      await client.hear();
      client.sendAndLeave(`question ${i}`);
      const { code } = await within("end", client.closed);
      const isAnswered = client.messages.size > 0 &&
        await client.messages.next() === `question ${i}`;
      outcomes.push(isAnswered ? `answered, ${code}` : `silence, ${code}`);
    }
    const isFine = outcomes.every((outcome) => outcome === "answered, 1000");
    return isFine ? `${ASKERS} of ${ASKERS} answered` : tally(outcomes);
  },
};

/** The address that a gateway takes for that of a client that claims another one. */
async function addressSeen(site: Site): Promise<string> {
  using client = await Client.connect(site, {
    headers: {
      "X-Forwarded-For": FORGED,
      "X-Real-IP": FORGED,
      Forwarded: `for=${FORGED}`,
    },
  });
  const [, address = ""] = String(await client.hear()).split(" ");
  if (address.startsWith(FORGED)) return "**believed**";
  const isTrue = address.startsWith(`${CLIENT_ADDRESS}:`);
  return isTrue ? "true address seen" : `${address} seen`;
}

/** Nobody believes what a client says of its address. */
const forgedAddress: Check = {
  title: "Forged `X-Forwarded-For`",
  run: ({ site }) => addressSeen(site),
};

/** … unless lines of the example are missing. */
const unguarded: Check = {
  title: "The same without the lines about it",
  run: async ({ unguarded }) =>
    unguarded === undefined ? "–" : await addressSeen(unguarded),
};

/** What is asked of every proxy while the silent ones are silent. */
export const TALKING: readonly Check[] = [
  echo,
  greeting,
  askAndLeave,
  forgedAddress,
  unguarded,
];

/** Clients that only answer pings keep their connections. */
export const silence: Check = {
  title: `${SILENCE} s of silence`,
  async run({ site }: Bed) {
    const start = performance.now();
    const outcomes = await Promise.all(
      Array.from({ length: SILENT }, async () => {
        using client = await Client.connect(site);
        await client.hear();
        const isOver = client.closed.then(({ code, at }) =>
          `cut after ${Math.round((at - start) / 1_000)} s, ${code}`
        );
        const { promise, resolve } = Promise.withResolvers<undefined>();
        const timer = setTimeout(() => resolve(undefined), SILENCE * 1_000);
        const cut = await Promise.race([isOver, promise]);
        clearTimeout(timer);
        if (cut !== undefined) return cut;
        client.send("still there");
        return await client.hear().catch(messageOf) === "still there"
          ? "stays"
          : "deaf after it";
      }),
    );
    return [...new Set(outcomes)].join("; ");
  },
};
