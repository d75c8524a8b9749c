import { roomLogger } from "../observe/logger.ts";
import { Tracing } from "../observe/tracing.ts";
import type { ResolvedGatewayOptions } from "./options.ts";

const logger = roomLogger("gateway");

/** Makes spans if the runtime exports them; says so if they are wanted and it does not. */
export async function loadTracing(
  { traceSample }: Pick<ResolvedGatewayOptions, "traceSample">,
): Promise<Tracing | undefined> {
  const tracing = await Tracing.load();
  if (tracing === undefined && traceSample > 0) {
    logger.warn(
      "Traces nothing, as the runtime exports no spans: set OTEL_DENO=true, or leave trace-sample out",
    );
  }
  return tracing;
}
