import { assertEquals } from "@std/assert";
import { RegisterClient } from "../../../lib/roster/register_client.ts";
import { eventually } from "../../_support/eventually.ts";
import { FakeRegister } from "../../_support/fake_register.ts";
import { bytesOf, type Capture, type Connection } from "./capture.ts";

/** Connections on which Registers told workers where gateways are. */
export function registerLinks({ connections }: Capture): Connection[] {
  return connections.filter(({ purpose, from, frames }) =>
    purpose === "register link" && from.startsWith("worker") &&
    frames.some(({ dir, end }) => dir === "<-" && !end)
  );
}

/** Tells one of ours what a Register of the original told a worker, line for line. */
export async function replayToNode(
  { config: { secret = "" } }: Capture,
  link: Connection,
): Promise<void> {
  using fake = new FakeRegister();
  const heard: string[][] = [];
  const client = new RegisterClient({
    registers: [fake.address],
    introduction: { event: "worker_connect", name: "worker", instance: "one" },
    originals: { addresses: [fake.address], secretKey: secret },
    onAddresses: (addresses) => void heard.push([...addresses].sort()),
  });
  await using _client = client;
  client.start();
  using peer = await fake.accept();
  const said = JSON.parse(await peer.hear() ?? "");
  assertEquals([said.event, said.secret_key], ["worker_connect", secret]);
  let last: string[] | undefined;
  for (const frame of link.frames) {
    if (frame.dir !== "<-" || frame.end !== undefined) continue;
    const bytes = bytesOf(frame);
    const text = new TextDecoder().decode(bytes);
    if (!text.startsWith("{")) return;
    const { event, addresses = {} } = JSON.parse(text);
    await peer.writeBytes(bytes);
    if (event !== "broadcast_addresses") continue;
    const expected = [...new Set(Object.values<string>(addresses))]
      .filter((it) => /:[1-9]\d*$/.test(it)).sort();
    last = expected;
    await eventually(
      `the list is ${expected}`,
      () => JSON.stringify(heard.at(-1)) === JSON.stringify(last),
    );
  }
}
