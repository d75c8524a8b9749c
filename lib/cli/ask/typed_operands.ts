import { RECIPIENTS } from "../../admin/send_order.ts";
import { recipientsOf, type TypedOrder } from "../../admin/typed_order.ts";
import { type CommandContext, USAGE_EXIT_CODE } from "../options/command.ts";

/** Whom it is for, which event or question, and what goes with it. */
export const TYPED_OPERANDS: readonly string[] = [
  RECIPIENTS.join("|"),
  "[ID]",
  "[NAME]",
  "[DATA]",
];

/** Reads what is wanted, and does it; or says what is wrong with it. */
export async function withOrder(
  context: CommandContext,
  act: "notify" | "ask",
  carryOut: (order: TypedOrder) => Promise<number>,
): Promise<number> {
  let order: TypedOrder;
  try {
    order = read(act, context.operands);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    context.output.error(`${error.message}\n`);
    return USAGE_EXIT_CODE;
  }
  return await carryOut(order);
}

function read(act: "notify" | "ask", operands: readonly string[]): TypedOrder {
  const [to = "", ...rest] = operands;
  const kind = RECIPIENTS.find((each) => each === to);
  if (kind === undefined) {
    throw new TypeError(
      `Cannot ${act} "${to}": it must be one of ${RECIPIENTS.join(", ")}`,
    );
  }
  const ids = rest.slice(0, kind === "all" ? 0 : 1);
  const [name, json, tooMany] = rest.slice(ids.length);
  if (name === undefined || tooMany !== undefined) {
    const usage = kind === "all" ? "all" : `${kind} ID`;
    throw new TypeError(
      `Cannot ${act} like that: use "${act} ${usage} NAME [DATA]"`,
    );
  }
  return {
    to: recipientsOf(act, kind, ids),
    name,
    data: json === undefined ? null : parse(act, json),
    timeout: undefined,
  };
}

function parse(act: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new TypeError(
      `Cannot ${act} as DATA must be JSON: found ${
        JSON.stringify(json.slice(0, 80))
      } (a text needs quotes of its own: '"hello"')`,
      { cause },
    );
  }
}
