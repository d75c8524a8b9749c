/** What a Register logs of who listens for workers, by how that node introduced itself. */
export const JOINED = {
  gateway_connect: "Gateway {address} joined",
  bridge_connect: "Bridge {address} joined",
} as const;

/** The same when it is gone. */
export const LEFT = {
  gateway: "Gateway {address} left",
  bridge: "Bridge {address} left",
} as const;
