import { readCaptures } from "./capture.ts";
import { replayCalls } from "./calls_replay.ts";
import { replayToRegister } from "./register_server_replay.ts";
import { registerLinks, replayToNode } from "./register_replay.ts";
import { replayToWorker, workerLinks } from "./worker_replay.ts";

const captures = readCaptures();

if (captures.size === 0) {
  // deno-lint-ignore no-console -- whoever runs the tests is to know what did not run
  console.warn(
    "Skipped recorded traffic of the original: GATEWAYWORKER_CAPTURES names no folder with it",
  );
}

for (const [name, capture] of captures) {
  const links = workerLinks(capture);
  if (links.length === 0) continue;
  Deno.test(`a worker of ours is told what is recorded: ${name}`, async () => {
    for (const link of links) await replayToWorker(capture, link);
  });
}

for (const [name, capture] of captures) {
  Deno.test(`calls of ours are the packets that are recorded: ${name}`, async () => {
    await replayCalls(capture);
  });
}

for (const [name, capture] of captures) {
  const links = registerLinks(capture);
  if (links.length === 0) continue;
  Deno.test(`a node of ours reads the recorded lists: ${name}`, async () => {
    for (const link of links) await replayToNode(capture, link);
  });
}

for (const [name, capture] of captures) {
  Deno.test(`a Register of ours says what is recorded: ${name}`, async () => {
    await replayToRegister(capture);
  });
}
