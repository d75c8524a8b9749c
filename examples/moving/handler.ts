// A chat with rooms: what Events.php does, as a handler of ours. From the checkout:
//
//   deno run -A cli.ts start examples/moving/handler.ts
//
// docs/moving-from-gatewayworker.md moves clients from the one to the other.
import { type Cluster, defineHandler } from "@gatewayworker/core";

export default defineHandler({
  async connect({ client, request }, cluster) {
    const name = request?.query.get("name") ?? "guest";
    const room = request?.query.get("room") ?? "lobby";
    client.session = { name, room };
    await client.joinGroup(room);
    await tell(cluster, room, { type: "in", name });
  },
  async message(event, cluster) {
    const { session } = event.client;
    session["said"] = Number(session["said"] ?? 0) + 1;
    const { name, room } = session;
    await tell(cluster, room, { type: "said", name, text: event.text() });
  },
  async close({ client }, cluster) {
    const { name, room } = client.session;
    if (room !== undefined) await tell(cluster, room, { type: "out", name });
  },
});

function tell(cluster: Cluster, room: unknown, what: unknown) {
  return cluster.sendToGroup(String(room), JSON.stringify(what));
}
