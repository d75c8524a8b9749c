import { assertEquals } from "@std/assert";
import { accept, defineHandler, GatewayClient, Register } from "../../mod.ts";
import { encodeBody } from "../../lib/wire/body.ts";
import { Command } from "../../lib/wire/command.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { LinePeer } from "../_support/line_peer.ts";
import { LinkProxy } from "../_support/link_proxy.ts";
import { MuteGateway } from "./api/_mute_gateway.ts";

/** Milliseconds that a slow line takes. */
const DELAY = 50;

/** Rounds of a race; each is a few messages on loopback. */
const ROUNDS = 150;

/** Joins and leaves as told, and says when that is confirmed. */
const joining = defineHandler({
  message: async (event) => {
    const [what = "", name = ""] = event.text().split(" ");
    if (what === "join") await event.client.joinGroup(name);
    if (what === "leave") await event.client.leaveGroup(name);
    if (what === "bind") await event.client.bindUid(name);
    if (what === "unbind") await event.client.unbindUid();
    return `${what} done`;
  },
});

async function outsider(cluster: TestCluster): Promise<GatewayClient> {
  return await GatewayClient.connect({ register: cluster.registers });
}

Deno.test("a message sent after a join was confirmed reaches the member, whoever sends", async () => {
  await using cluster = await startCluster({ gateways: 2, handler: joining });
  await using sender = await outsider(cluster);
  const members = [
    await cluster.connect(cluster.gateways[0]),
    await cluster.connect(cluster.gateways[1]),
  ];

  for (let round = 0; round < ROUNDS; round++) {
    const member = members[round % 2];
    // Sent in vain, so that both gateways say that nobody is there.
    const early = [
      sender.sendToGroup("group", "nobody"),
      cluster.worker.cluster.sendToGroup("group", "nobody"),
    ];
    if (round % 3 === 0) await Promise.all(early);
    if (round % 5 === 0) await sender.getClientIdCountByGroup("group");
    member?.send("join group");
    while (await member?.hear() !== "join done");

    await sender.sendToGroup("group", `outside ${round}`);
    assertEquals(await member?.hear(), `outside ${round}`);
    await cluster.worker.cluster.sendToGroup("group", `inside ${round}`);
    assertEquals(await member?.hear(), `inside ${round}`);

    member?.send("leave group");
    assertEquals(await member?.hear(), "leave done");
  }
});

Deno.test("a message sent after a bind was confirmed reaches the client, whoever sends", async () => {
  await using cluster = await startCluster({ gateways: 2, handler: joining });
  await using sender = await outsider(cluster);
  const clients = [
    await cluster.connect(cluster.gateways[0]),
    await cluster.connect(cluster.gateways[1]),
  ];

  for (let round = 0; round < ROUNDS; round++) {
    const client = clients[round % 2];
    assertEquals(await sender.sendToUid("tom", "no", { confirm: true }), 0);
    assertEquals(await sender.isUidOnline("tom"), false);
    client?.send("bind tom");
    assertEquals(await client?.hear(), "bind done");

    assertEquals(await sender.isUidOnline("tom"), true);
    const reached = await sender.sendToUid("tom", `${round}`, {
      confirm: true,
    });
    assertEquals([reached, await client?.hear()], [1, `${round}`]);

    client?.send("unbind");
    assertEquals(await client?.hear(), "unbind done");
  }
});

Deno.test("a handler that joins and sends without waiting reaches its client", async () => {
  await using cluster = await startCluster({
    gateways: 2,
    handler: defineHandler({
      message: (event, cluster) => {
        const group = event.text();
        void event.client.joinGroup(group);
        void cluster.sendToGroup(group, `to ${group}`);
      },
    }),
  });
  const client = await cluster.connect();

  for (let round = 0; round < ROUNDS; round++) {
    await cluster.worker.cluster.sendToGroup(`${round}`, "nobody", {
      confirm: true,
    });
    client.send(`${round}`);
    assertEquals(await client.hear(), `to ${round}`);
  }
});

/** A program whose line to the only gateway is slow. */
async function farOutsider(cluster: TestCluster) {
  const stack = new AsyncDisposableStack();
  const { lanAddress } = cluster.gateway;
  const proxy = stack.use(new LinkProxy(lanAddress));
  const register = stack.use(await Register.start({ listen: "127.0.0.1:0" }));
  const peer = stack.use(await LinePeer.dial(register.addr));
  await peer.announceOurs(proxy.address, "");
  const sender = stack.use(
    await GatewayClient.connect({ register: [register.status().address] }),
  );
  proxy.delay = DELAY;
  return { sender, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("a client that was let in with a uid and a group is reached by whoever sent in vain before", async () => {
  await using cluster = await startCluster({
    handler: joining,
    gateway: { authorize: () => accept({ uid: "ann", groups: ["staff"] }) },
  });
  await using far = await farOutsider(cluster);
  const { sender } = far;
  const vain = [
    sender.sendToUid("ann", "no", { confirm: true }),
    sender.sendToGroup("staff", "no", { confirm: true }),
  ];
  assertEquals(await Promise.all(vain), [0, 0]);

  await using client = await cluster.connect();
  const reached = await Promise.all([
    sender.sendToUid("ann", "by uid", { confirm: true }),
    sender.sendToGroup("staff", "by group", { confirm: true }),
  ]);

  assertEquals(reached, [1, 1]);
  assertEquals(await client.hearAll(2), ["by uid", "by group"]);
});

Deno.test("a member that joins while its gateway says that nobody is there is not left out", async () => {
  await using register = await Register.start({ listen: "127.0.0.1:0" });
  await using gateway = new MuteGateway();
  await gateway.announce(register);
  const { IsOnline, JoinGroup, SendToGroup } = Command;
  gateway.answer = (link, { command, number }) => {
    // Sent before the join came, and still on the way when it was sent.
    const name = new TextEncoder().encode("gstaff");
    if (command === JoinGroup) link.send(Command.Absent, 0, 0, name);
    const yes = encodeBody(true);
    if (command === IsOnline) link.send(Command.Reply, 0, number, yes);
  };
  await using sender = await GatewayClient.connect({
    register: [register.status().address],
  });
  const clientId = `${gateway.gatewayId}00000001`;

  void sender.joinGroup(clientId, "staff");
  await sender.isOnline(clientId);
  await sender.sendToGroup("staff", "hello");
  await sender.isOnline(clientId);

  assertEquals(gateway.commands, [JoinGroup, IsOnline, SendToGroup, IsOnline]);
});
