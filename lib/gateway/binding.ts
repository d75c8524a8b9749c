/**
 * How a client lets go of its worker.
 *
 * @module
 */
import { Command } from "../link/command.ts";
import type { Client } from "./client.ts";
import type { WorkerLink } from "./worker_link.ts";

/** Takes a client from its worker. */
export function unbind(client: Client): void {
  const { link } = client;
  if (link === undefined) return;
  link.clients--;
  link.blocked.delete(client);
  link.handover.delete(client.connectionId);
  client.link = undefined;
}

/** Takes a client from a worker that drains, and tells it so. */
export function release(client: Client, link: WorkerLink): void {
  link.link.send(Command.Unbind, client.connectionId, 0);
  unbind(client);
}

/** Takes all its clients from a worker that is gone, and returns them. */
export function unbindAll(
  clients: Iterable<Client>,
  link: WorkerLink,
): Client[] {
  const bound: Client[] = [];
  for (const client of clients) {
    if (client.link !== link) continue;
    unbind(client);
    client.isDeferred = false;
    bound.push(client);
  }
  return bound;
}

/** Whether a worker has done all that it got of a client. */
export function isDone(client: Client, { link }: WorkerLink): boolean {
  return !client.isDeferred && link.log.acknowledged >= client.lastSent;
}
