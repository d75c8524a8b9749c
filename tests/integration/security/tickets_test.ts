/**
 * A session of TLS that began where nobody is asked for a certificate is worth nothing
 * where one must be shown.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { parseAddress } from "../../../lib/base/address.ts";
import { encodeBody } from "../../../lib/wire/body.ts";
import { Command } from "../../../lib/wire/command.ts";
import { HEADER_LENGTH, writeHeader } from "../../../lib/wire/frame.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { OTHER_CERT, OTHER_KEY } from "../../unit/transport/_certificate.ts";
import { AUTHORITY, NODE } from "./_certificates.ts";

/**
 * Runs in Node: gets a session at one port, and takes it to another one, with no
 * certificate. Prints what it hears there.
 */
const THIEF = `
const tls = require("node:tls");
const [from, to, version, hello] = process.argv.slice(1);
const options = {
  host: "127.0.0.1", rejectUnauthorized: false,
  minVersion: version, maxVersion: version,
};
const first = tls.connect({ ...options, port: from }, () => first.write("hello\\n"));
first.on("error", () => {});
let session;
first.on("session", (ticket) => session = ticket);
first.on("data", () => {
  first.destroy();
  const second = tls.connect({ ...options, port: to, session });
  second.on("secureConnect", () => second.write(Buffer.from(hello, "base64")));
  second.on("data", (chunk) => console.log("heard", chunk.length));
  second.on("error", () => {});
  second.on("close", () => console.log(session ? "closed" : "no session"));
});
`;

/** What a worker says first, which is answered by a gateway that lets it in so far. */
function hello(): string {
  const body = encodeBody({
    version: 2,
    highestVersion: 3,
    role: "worker",
    name: "thief",
    instance: "thief",
    nonce: new Uint8Array(32),
  });
  const bytes = new Uint8Array(HEADER_LENGTH + body.length);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 0, bytes.length, Command.Hello, 0, 0, 0);
  bytes.set(body, HEADER_LENGTH);
  return bytes.toBase64();
}

for (const version of ["TLSv1.2", "TLSv1.3"]) {
  Deno.test(`a session of ${version} of a client port opens no port that asks for certificates`, async () => {
    await using cluster = await startCluster({
      handler: (event) => event.type === "message" ? event.text() : undefined,
      gateway: {
        listen: ["tls+text://127.0.0.1:0"],
        cert: OTHER_CERT,
        key: OTHER_KEY,
      },
      trust: { ...NODE, lanCa: AUTHORITY },
    });
    const { addr, lanAddress } = cluster.gateway;

    const { stdout } = await new Deno.Command("node", {
      args: [
        ...["-e", THIEF, "--", `${addr.port}`],
        ...[`${parseAddress(lanAddress).port}`, version, hello()],
      ],
    }).output();

    assertEquals(new TextDecoder().decode(stdout), "closed\n");
    await eventually(
      "it was refused",
      () => cluster.gateway.refusedLinks === 1,
    );
  });
}
