import { KNOWS_SESSIONS } from "../../link/link_version.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { idOf, NO_ANSWER_ID } from "../../wire/bodies/typed_frame.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import type { BoundWorker, Route } from "../workers/route.ts";
import type { KeptEvent } from "../workers/waiting_events.ts";

const logger = roomLogger("gateway");
const limited = new RateLimitedLog();

/**
 * Says whether a worker is to be told of an event: not of what it does not know, which
 * is answered here, nor of a request that nobody waits for any more.
 */
export function mayHave(
  link: BoundWorker,
  route: Route,
  event: KeptEvent,
): boolean {
  const isRequest = (event.flags & Flag.Typed) !== 0;
  const { command } = event;
  if (!isRequest && command !== Command.Away && command !== Command.Back) {
    return true;
  }
  if (link.link.peer.version < KNOWS_SESSIONS) {
    if (isRequest) refuse(link, route, event);
    return false;
  }
  return !isRequest || (route.requests?.leave(event, link) ?? true);
}

function refuse(
  { link: { peer } }: BoundWorker,
  { requests }: Route,
  { payload, flags }: KeptEvent,
): void {
  const id = idOf(payload, 0, payload.length);
  if (id !== NO_ANSWER_ID) {
    const wasTold = (flags & Flag.Redelivered) !== 0;
    requests?.fail(id, wasTold ? "lost" : "unknown");
  }
  // Those of the original are not to be upgraded.
  if (peer.isOriginal) return;
  limited.once(`${peer.address} request`, (suppressed) => {
    logger.warn(
      "Refused a request since worker {name} at {address} is older than requests: upgrade it ({suppressed} like this before)",
      { name: peer.name, address: peer.address, suppressed },
    );
  });
}
