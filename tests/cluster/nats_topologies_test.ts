/**
 * The configuration files for NATS of `examples/deploy/nats`, in real servers: who may
 * say and hear what there, and that it comes across. Addresses are replaced, nothing else.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { pause } from "../../lib/base/pause.ts";
import { NatsLine } from "../../lib/nats/nats_line.ts";
import {
  cellsSubject,
  inboxSubject,
  pushSubject,
  saidSubject,
} from "../../lib/nats/subjects.ts";
import { eventually } from "../_support/eventually.ts";
import { NatsServer, WITH_NATS } from "../_support/nats_server.ts";
import { getAvailablePorts } from "../_support/processes.ts";

const FOLDER = new URL("../../examples/deploy/nats/", import.meta.url);

const PASSWORDS = {
  EU_PASSWORD: "for-europe",
  US_PASSWORD: "for-america",
  PUSH_PASSWORD: "for-pushes",
};

/** The files, with a local port for each address. */
class Files implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #ports = new Map<string, number>();
  readonly #folder = Deno.makeTempDirSync();

  /** Where an address of the files is. */
  portOf(address: string): number {
    const port = this.#ports.get(address) ?? getAvailablePorts(1);
    this.#ports.set(address, port);
    return port;
  }

  /** Starts the server of a file. */
  async start(file: string, listen: string): Promise<NatsServer> {
    for (const each of ["accounts.conf", file]) this.#write(each);
    const port = this.portOf(listen);
    const config = `${this.#folder}/${file}`;
    const hub = `nats-leaf://us:${PASSWORDS.US_PASSWORD}@127.0.0.1:${
      this.portOf("10.0.0.9:7422")
    }`;
    const options = { env: { ...PASSWORDS, HUB: hub }, config };
    return this.#stack.use(await NatsServer.start({ ...options, port }));
  }

  /** Connects, as a user of the files or as nobody. */
  async line(server: NatsServer, user?: string): Promise<NatsLine> {
    const password = Object.entries(PASSWORDS)
      .find(([name]) => name.toLowerCase().startsWith(`${user}_`))?.[1];
    const who = user === undefined ? "" : `${user}:${password}@`;
    const nats = `nats://${who}127.0.0.1:${server.port}`;
    const line = this.#stack.use(await NatsLine.open({ nats, name: "test" }));
    await line.connected(5_000);
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #write(file: string): void {
    const text = Deno.readTextFileSync(new URL(file, FOLDER));
    const local = text.replaceAll(
      /\b(?:10|127)\.\d+\.\d+\.\d+:\d+/g,
      (address) => `127.0.0.1:${this.portOf(address)}`,
    );
    const path = `${this.#folder}/${file}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, local);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Notes what a line hears. */
function listen(line: NatsLine, subject: string): string[] {
  const heard: string[] = [];
  line.subscribe(subject, (bytes) => void heard.push(decoder.decode(bytes)));
  return heard;
}

/** Says something until it is heard: interest takes a while to spread. */
async function comesAcross(
  from: NatsLine,
  subject: string,
  heard: readonly string[],
): Promise<void> {
  const text = `${subject} ${crypto.randomUUID()}`;
  await eventually(`${subject} comes across`, async () => {
    from.publish(subject, encoder.encode(text));
    await pause(10);
    return heard.includes(text);
  });
}

/** All that bridges of eu and us and a program say to each other. */
async function allComesAcross(
  eu: NatsLine,
  us: NatsLine,
  push: NatsLine,
): Promise<void> {
  const inbox = inboxSubject("main", "us", 0);
  await comesAcross(eu, inbox, listen(us, inbox));
  const back = inboxSubject("main", "eu", 3);
  await comesAcross(us, back, listen(eu, back));
  const cells = cellsSubject("main");
  await comesAcross(us, cells, listen(eu, cells));
  const pushes = pushSubject("main");
  await comesAcross(push, pushes, listen(us, pushes));
  const said = saidSubject("main", "0a1b");
  await comesAcross(us, said, listen(push, said));
}

Deno.test(
  "examples/deploy/nats/one lets cells and programs say what is theirs, and nothing else",
  WITH_NATS,
  async () => {
    await using files = new Files();
    const server = await files.start("one/nats.conf", "10.0.0.9:4222");
    const [eu, us, push] = [
      await files.line(server, "eu"),
      await files.line(server, "us"),
      await files.line(server, "push"),
    ];

    await allComesAcross(eu, us, push);
    const heartbeats = listen(eu, cellsSubject("main"));
    const inbox = listen(us, inboxSubject("main", "us", 0));
    const overheard = listen(eu, inboxSubject("main", "us", 0));
    const spied = listen(push, pushSubject("main"));
    await eu.flush(1_000);
    await push.flush(1_000);
    push.publish(cellsSubject("main"), encoder.encode("a program"));
    push.publish(inboxSubject("main", "us", 0), encoder.encode("a program"));
    push.publish(pushSubject("main"), encoder.encode("a push"));
    eu.publish(pushSubject("main"), encoder.encode("a bridge"));
    await comesAcross(eu, inboxSubject("main", "us", 0), inbox);

    assertEquals(heartbeats, []);
    assertEquals(inbox.length, 1);
    assertEquals(overheard, []);
    assertEquals(spied, []);
  },
);

Deno.test(
  "examples/deploy/nats/regions joins two regions, each with servers of its own",
  WITH_NATS,
  async () => {
    await using files = new Files();
    const europe = await files.start("regions/eu.conf", "10.1.0.9:4222");
    const america = await files.start("regions/us.conf", "10.2.0.9:4222");

    await allComesAcross(
      await files.line(europe, "eu"),
      await files.line(america, "us"),
      await files.line(europe, "push"),
    );
  },
);

Deno.test(
  "examples/deploy/nats/leaf joins a cell that dials out, and lets its leaf speak for no other cell",
  WITH_NATS,
  async () => {
    await using files = new Files();
    const hub = await files.start("leaf/hub.conf", "10.0.0.9:4222");
    const leaf = await files.start("leaf/us.conf", "127.0.0.1:4222");
    const eu = await files.line(hub, "eu");
    const us = await files.line(leaf);

    await allComesAcross(eu, us, await files.line(hub, "push"));
    const overheard = listen(us, inboxSubject("main", "eu", 0));
    const pushed = listen(eu, pushSubject("main"));
    await us.flush(1_000);
    us.publish(pushSubject("main"), encoder.encode("a leaf"));
    const inbox = inboxSubject("main", "eu", 0);
    await comesAcross(us, inbox, listen(eu, inbox));

    assertEquals(overheard.filter((text) => !text.startsWith(inbox)), []);
    assertEquals(pushed, []);
  },
);
