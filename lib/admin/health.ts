import type {
  ClusterReport,
  KnownNode,
  RoleReport,
} from "../observe/report.ts";
import { renderMetrics } from "./metrics.ts";
import { jsonResponse, type Route } from "./router.ts";
import { Shared } from "./shared.ts";

/** What a process tells about itself and its children. */
export interface HealthSource {
  /** How they are. */
  report(): ClusterReport | Promise<ClusterReport>;
  /** Whether the process was told to stop. */
  isStopping(): boolean;
}

/** Why a process is not ready. */
export interface Obstacle {
  /** Who is not ready: `BusinessWorker 0`; empty for the process itself. */
  readonly name: string;
  /** How it is. */
  readonly state: string;
}

/**
 * Returns the routes that load balancers and monitoring ask: `/healthz`, `/readyz`
 * and `/metrics`. Whoever reaches them may ask as often as it likes: to find out is
 * work for every role, so it is done once for all who ask at the same time.
 */
export function healthRoutes(source: HealthSource): Route[] {
  const report = new Shared(async () => await source.report());
  const metrics = new Shared(async () => renderMetrics(await report.get()));
  return [
    {
      method: "GET",
      path: "/healthz",
      openTo: "anybody",
      answer: () => jsonResponse(200, { status: "ok" }),
    },
    {
      method: "GET",
      path: "/readyz",
      openTo: "anybody",
      answer: () => answerReady(source, report),
    },
    {
      method: "GET",
      path: "/metrics",
      openTo: "machine",
      answer: async () => answerMetrics(await metrics.get()),
    },
  ];
}

/** Returns who is not ready; nobody if there is a role and every one is. */
export function obstacles(
  { registers, gateways, workers, bridges = [] }: ClusterReport,
): Obstacle[] {
  const roles: KnownNode<RoleReport>[] = [
    ...registers,
    ...gateways,
    ...workers,
    ...bridges,
  ];
  if (roles.length === 0) return [{ name: "", state: "starting" }];
  return roles.filter(({ state }) => state !== "ready").map((role) => ({
    name: role.index === undefined ? role.name : `${role.name} ${role.index}`,
    state: role.state ?? "silent",
  }));
}

async function answerReady(
  source: HealthSource,
  report: Shared<ClusterReport>,
): Promise<Response> {
  const found = source.isStopping()
    ? [{ name: "", state: "stopping" }]
    : obstacles(await report.get());
  return found.length === 0
    ? jsonResponse(200, { status: "ready" })
    : jsonResponse(503, { status: "not ready", obstacles: found });
}

function answerMetrics(text: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
      "cache-control": "no-store",
    },
  });
}
