// A small chat; docs/moving-from-socketio.md has it beside the same on Socket.IO.
import { defineHandler } from "@gatewayworker/core";

export default defineHandler({
  async connect({ client, request }, cluster) {
    const name = request?.query.get("name") ?? "";
    const room = request?.query.get("room") ?? "";
    client.session = { name, room };
    await client.joinGroup(room);
    const said = { name, text: "has come" };
    await cluster.notify({ group: room }, "said", said, {
      exclude: [client.id],
    });
  },

  async request(event, cluster) {
    const { name, room } = event.client.session;
    if (event.name !== "say") return undefined;
    const said = { name, text: event.data() };
    await cluster.notify({ group: String(room) }, "said", said);
    return { people: await cluster.getClientIdCountByGroup(String(room)) };
  },

  async close({ client }, cluster) {
    const { name, room } = client.session;
    const said = { name, text: "has gone" };
    await cluster.notify({ group: String(room) }, "said", said);
  },
});
