/** What a load balancer is told, by the state of a gateway. */
export const WHY_NOT_READY = {
  draining: "the gateway is stopping",
  waiting: "no worker is here",
  ready: undefined,
} as const;
