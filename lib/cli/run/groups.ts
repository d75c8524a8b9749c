/** The group whose code can be loaded anew. */
export const WORKERS = "workers";

/** The group that clients connect to. */
export const GATEWAYS = "gateways";
