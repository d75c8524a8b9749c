/**
 * Refuses whoever asks for it: `?do=refuse&status=N`.
 *
 * @module
 */
import { accept, type Authorize, refuse } from "@gatewayworker/core/gateway";

/** Seconds after which a refused client is asked to come back. */
const RETRY_AFTER = "7";

const authorize: Authorize = ({ query }) => {
  if (query.get("do") !== "refuse") return accept();
  const status = Number(query.get("status"));
  const later = status === 429 || status === 503;
  return refuse(
    status,
    "not you",
    later ? { "retry-after": RETRY_AFTER } : {},
  );
};

export default authorize;
