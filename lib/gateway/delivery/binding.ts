/**
 * How a client lets go of its worker.
 *
 * @module
 */
import { Command } from "../../wire/command.ts";
import type { Client } from "../clients/client.ts";
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

/**
 * A client says goodbye, and wants to know when it has the answers to all that it sent.
 *
 * @returns Whether there is anything to answer.
 */
export function seeOff(client: Client, answered: () => void): boolean {
  const { link, waiting } = client;
  const isIdle = link === undefined || isDone(client, link);
  if (waiting === undefined && isIdle) return false;
  client.onAnswered = answered;
  dismiss(client);
  return true;
}

/** Lets a client go that said goodbye, if it has its answers; else it is looked at again. */
export function dismiss(client: Client): void {
  const { link, onAnswered, waiting } = client;
  if (onAnswered === undefined || waiting !== undefined) return;
  if (link === undefined) return;
  if (!isDone(client, link)) {
    link.handover.set(client.connectionId, client);
    return;
  }
  client.onAnswered = undefined;
  onAnswered();
}
