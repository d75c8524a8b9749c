// deno-lint-ignore-file no-console -- its lines go to standard output
// The WebSocket of browsers, as Deno, Bun and undici have it.
import process from "node:process";
import { createRequire } from "node:module";
import { run } from "./web_socket_steps.mjs";

const isUndici = process.argv[2] === "undici";
const [mode, url, ...sizes] = process.argv.slice(isUndici ? 3 : 2);
const require = createRequire(`${process.cwd()}/`);

run({
  Socket: isUndici ? require("undici").WebSocket : globalThis.WebSocket,
  mode,
  url,
  sizes: sizes.map(Number),
  say: (step) => console.log(JSON.stringify(step)),
  done: () => process.exit(0),
});
