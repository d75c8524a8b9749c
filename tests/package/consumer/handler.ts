/** A handler in somebody else's project. @module */
import { defineHandler } from "@gatewayworker/core";

export default defineHandler({
  connect: async ({ client }) => {
    await client.bindUid("ann");
  },
  message: (event) => `you said ${event.text()}`,
  request: (event) => event.name === "double" ? 2 * Number(event.data()) : null,
});
