import type { Environment } from "./environment.ts";
import type { ConnectOptions } from "./options.ts";
import { FallbackSocket } from "./sse/fallback_socket.ts";
import { environmentOf } from "./surroundings.ts";

/** What there is around a client here, also where no WebSocket gets through. */
export function fallingBack(
  { WebSocket = FallbackSocket }: ConnectOptions,
): Environment {
  return environmentOf({ WebSocket });
}
