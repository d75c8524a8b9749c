import { Stage } from "./stage.ts";
import { OurStage } from "./our_stage.ts";
import {
  echo,
  type MoveLoad,
  type MoveResult,
  SteadyLoad,
} from "./steady_load.ts";

/**
 * Moves a cluster of the original to workers of ours, one worker at a time, while
 * clients send: then replaces one of ours by another.
 */
export async function moveWorkers(load: MoveLoad): Promise<MoveResult> {
  await using stage = await Stage.start(2);
  const theirs = [
    await stage.phpWorker("One"),
    await stage.phpWorker("Two"),
  ];
  const urls = stage.gateways.map(({ url }) => url);
  await using steady = await SteadyLoad.start(urls, load);
  const ours: { shutdown(): Promise<void> }[] = [];
  for (const [index, worker] of theirs.entries()) {
    const name = `worker ${index + 1} of the original is replaced by ours`;
    await steady.step(name, async () => {
      ours.push(await stage.worker(echo));
      await worker.stop();
    });
  }
  await steady.step("one of ours is replaced by another", async () => {
    await stage.worker(echo);
    await ours[0]?.shutdown();
  });
  return await steady.end();
}

/** Stops and kills workers of the original beside ours, at gateways of ours. */
export async function loseWorkers(load: MoveLoad): Promise<MoveResult> {
  await using stage = await OurStage.start();
  await stage.addGateway();
  const one = await stage.phpWorker({ name: "One" });
  const two = await stage.phpWorker({ name: "Two" });
  const first = await stage.worker(echo);
  const urls = stage.gateways.map(({ addr }) => `ws://127.0.0.1:${addr.port}`);
  await using steady = await SteadyLoad.start(urls, load);
  await steady.step("a worker of the original is stopped", () => one.stop());
  await steady.step(
    "a worker of the original is killed",
    () => two.kill(),
  );
  await steady.step("one of ours is replaced by another", async () => {
    await stage.worker(echo);
    await first.shutdown();
  });
  return await steady.end();
}
