import type { TestClient } from "../_support/test_client.ts";

/** Has a handler do something, and returns what it says: a text, or what its JSON holds. */
export async function ask(client: TestClient, text: unknown): Promise<unknown> {
  client.send(typeof text === "string" ? text : JSON.stringify(text));
  const answer = String(await client.hear());
  return answer.startsWith("{") ? JSON.parse(answer) : answer;
}
