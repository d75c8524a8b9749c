import { assertEquals } from "@std/assert";
import { linkGateway } from "../../../lib/cluster/linked_gateway.ts";
import { Link } from "../../../lib/link/link.ts";
import type { LinkedPeer } from "../../../lib/link/linked_peer.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import { MemoryStream } from "../../../lib/testing/memory_stream.ts";
import { Command } from "../../../lib/wire/command.ts";
import { eventually } from "../../_support/eventually.ts";

function peer(role: LinkedPeer["role"]): LinkedPeer {
  return {
    role,
    name: role,
    address: "10.0.0.1:2000",
    instance: role,
    version: LINK_VERSIONS.highest,
  };
}

/** A gateway that is linked, and the gateway's end of the link. */
function begin() {
  const [here, there] = MemoryStream.pair();
  const told = { reads: 0 };
  const gateway = linkGateway(here, peer("gateway"), {
    gatewayId: "7f0000010b54",
    owner: {
      onFrame: () => {},
      onClosed: () => {},
      onRead: () => void told.reads++,
    },
    gatherWithin: 0,
    linkBuffer: 1_000_000,
    onClosed: () => {},
  });
  const other = new Link(
    there,
    peer("worker"),
    { onFrame: () => {}, onClosed: () => {} },
    { keepFrames: false, gatherWithin: 0 },
  );
  gateway.link.start();
  other.start();
  return { gateway, other, told };
}

/** A Present without a name, and what waits for the answer. */
async function pass(other: Link): Promise<void> {
  const { id, reply } = other.pending.add(5_000);
  other.send(Command.Present, 0, id, new Uint8Array(0));
  await reply;
}

Deno.test("a Present without a name means every name, but none if it is to be answered", async () => {
  const { gateway, other } = begin();
  other.send(Command.Absent, 0, 0, new TextEncoder().encode("uann"));

  await pass(other);
  assertEquals(gateway.absent.size, 1);

  other.send(Command.Present, 0, 0);
  await pass(other);
  assertEquals(gateway.absent.size, 0);
  await Promise.all([gateway.link.close(), other.close()]);
});

Deno.test("the owner of a link with a gateway is told how far that has read", async () => {
  const { gateway, other, told } = begin();

  gateway.link.send(Command.Present, 0, 0);
  gateway.link.probe();

  await eventually("it is told", () => told.reads === 1);
  await Promise.all([gateway.link.close(), other.close()]);
});
