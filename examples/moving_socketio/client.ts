// deno-lint-ignore-file no-console -- a program: it prints what is heard
// Ann and Bob in the chat of handler.ts: prints what Ann hears.
import { connect } from "@gatewayworker/core/client";

const join = (name: string) =>
  connect(`ws://127.0.0.1:8282/?name=${name}&room=tea`);

const ann = join("ann");
const waiting = new Map<string, () => void>();
const heard = (text: string) =>
  new Promise<void>((resolve) => waiting.set(text, resolve));
ann.handle("said", (said) => {
  const { name, text } = said as { name: string; text: string };
  console.log(`${name}: ${text}`);
  waiting.get(text)?.();
});
await new Promise<void>((resolve) =>
  ann.on("state", (state) => state === "open" && resolve())
);

const here = heard("has come");
const bob = join("bob");
await here;

const hello = heard("hello");
const answer = await bob.request("say", "hello", { timeout: 3_000 });
await hello;
console.log(`${(answer as { people: number }).people} people`);

const said = heard("hi Bob");
ann.notify("say", "hi Bob");
await said;

const gone = heard("has gone");
bob.close();
await gone;
ann.close();
