/**
 * Refuses who asks for it: `/refuse/401` and the like.
 *
 * @module
 */
import {
  accept,
  type Authorization,
  type AuthorizationRequest,
  refuse,
} from "@gatewayworker/core/gateway";

/** Lets everybody in but who wants to be refused. */
export default function authorize(
  { path }: AuthorizationRequest,
): Authorization {
  const [, status] = /^\/refuse\/(\d+)$/.exec(path) ?? [];
  if (status === undefined) return accept();
  const headers = { "Retry-After": "7", "WWW-Authenticate": "Bearer" };
  return refuse(Number(status), `refused with ${status}`, headers);
}
