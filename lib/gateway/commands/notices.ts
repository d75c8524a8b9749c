import { encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import { hasLabels, readLabels } from "../../wire/bodies/labels.ts";
import {
  decodeOrder,
  encodeNotice,
  MAX_NAMED,
  type NoticeOrder,
  type NoticeOutcome,
} from "../../wire/bodies/notice.ts";
import { decodeMap } from "../../wire/body.ts";
import { KNOWS_NOTICES } from "../../link/link_version.ts";
import type { Call } from "./call.ts";
import { LATER } from "./queries.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

/** Milliseconds that a worker has to say that it took a notice. */
const TAKE_TIME = 3_000;

/** Bytes that may wait to leave for a worker when it is told one more. */
const MAX_WAITING = 8_388_608;

/** Messages of workers and programs to workers, which they take one by one. */
export class Notices {
  readonly #workers: () => Iterable<WorkerLink>;

  /** @param workers The links of workers that there are. */
  constructor(workers: () => Iterable<WorkerLink>) {
    this.#workers = workers;
  }

  /** Returns the instances of the workers with some labels. */
  select({ head }: Call): string[] {
    const labels = readLabels(decodeMap(head)["labels"]);
    const found: string[] = [];
    for (const { link, labels: own, isDraining } of this.#workers()) {
      const isMeant = !isDraining && !link.peer.isOriginal &&
        hasLabels(own, labels);
      if (isMeant && found.length < MAX_NAMED) found.push(link.peer.instance);
    }
    return found;
  }

  /**
   * Tells some workers, and whoever sent it which of them have it.
   *
   * @throws {ProtocolError} If it is no notice.
   */
  send(call: Call): typeof LATER {
    const { link: { link }, header: { number }, head } = call;
    void this.#tellAll(call, decodeOrder(head)).then((outcome) => {
      if (link.isOpen && number !== 0) {
        link.send(Command.Reply, 0, number, encodeBody(outcome));
      }
    });
    return LATER;
  }

  /** Never rejects. */
  async #tellAll(
    { link: { link: { peer } }, header, buffer, start, end }: Call,
    { id, labels, to }: NoticeOrder,
  ): Promise<NoticeOutcome> {
    const wanted = new Set(to);
    const notice = {
      head: encodeNotice({
        id,
        labels,
        from: peer.name,
        sender: peer.instance,
      }),
      payload: buffer.subarray(start, end),
      flags: header.flags & Flag.Binary,
    };
    const told: Promise<readonly [string, boolean]>[] = [];
    for (const { link } of this.#workers()) {
      const { instance } = link.peer;
      if (!wanted.delete(instance)) continue;
      told.push(tell(link, notice).then((took) => [instance, took]));
    }
    const answers = await Promise.all(told);
    const those = (took: boolean) =>
      answers.filter(([, each]) => each === took).map(([instance]) => instance);
    return { taken: those(true), missed: [...those(false), ...wanted] };
  }
}

/** A notice, encoded. */
interface Encoded {
  readonly head: Uint8Array;
  readonly payload: Uint8Array;
  readonly flags: number;
}

/** Tells one worker; resolves with whether it took it, and never rejects. */
async function tell(
  link: WorkerLink["link"],
  { head, payload, flags }: Encoded,
): Promise<boolean> {
  const isAble = link.isOpen && link.peer.version >= KNOWS_NOTICES &&
    link.log.pendingBytes <= MAX_WAITING;
  if (!isAble) return false;
  const { id, reply } = link.pending.add(TAKE_TIME);
  try {
    link.sendHeaded(Command.Notice, 0, id, head, payload, flags);
    const [took] = await reply;
    return took === true;
  } catch {
    // It is gone, or silent: whoever sent it tries again, by another gateway. Or the
    // name of whoever sent it makes the frame too long.
    return false;
  }
}
