/**
 * What names that are used in one cell cost the others: how many frames come to them that
 * nobody there is interested in.
 *
 * @module
 */
import { CellClient } from "./cell_client.ts";
import type { JoinedCell } from "./property.ts";

/** Groups that one client is in, so that few clients make many names. */
const OF_ONE = 500;

/** How a run goes. */
export interface InterestOptions {
  /** The cells; names are used in the first. */
  readonly cells: readonly JoinedCell[];
  /** How many names. */
  readonly names: number;
  /** How often something is sent to each of them. */
  readonly rounds: number;
  /**
   * Milliseconds in which nothing more comes, that a round is over.
   *
   * @default {500}
   */
  readonly quiet?: number;
  /** How many frames have come to the other cells, of all that were sent. */
  readonly received: () => Promise<number>;
}

/** Frames that came to the other cells: one number for each round. */
export async function runInterest(
  { cells, names, rounds, received, quiet = 500 }: InterestOptions,
): Promise<number[]> {
  const [cell] = cells;
  using clients = new DisposableStack();
  const members: CellClient[] = [];
  for (let first = 0; first < names; first += OF_ONE) {
    const client = clients.use(
      await CellClient.connect(cell?.clients[0] ?? ""),
    );
    const many = { first, count: Math.min(OF_ONE, names - first) };
    await client.do({ what: "joinMany", name: "g", many });
    members.push(client);
  }
  const frames: number[] = [];
  let before = await received();
  for (let round = 1; round <= rounds; round++) {
    for (const [i, client] of members.entries()) {
      const first = i * OF_ONE;
      const many = { first, count: Math.min(OF_ONE, names - first) };
      const texts = [`round ${round}`];
      await client.do({ what: "toMany", name: "g", many, texts });
    }
    await heard(members, round);
    const after = await settled(received, quiet);
    frames.push(after - before);
    before = after;
  }
  return frames;
}

/** Waits until each member has heard each round once for each of its names. */
async function heard(
  members: readonly CellClient[],
  rounds: number,
): Promise<void> {
  const deadline = performance.now() + 30_000;
  const isDue = ({ heard }: CellClient) => heard.length < rounds * OF_ONE;
  while (members.some(isDue) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until nothing more comes. */
async function settled(
  received: () => Promise<number>,
  quiet: number,
): Promise<number> {
  let last = -1;
  for (let now = await received(); now !== last; now = await received()) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, quiet));
  }
  return last;
}
