import { closest } from "./closest.ts";
import { envName, OPTION_KEYS, OPTIONS } from "./option_table.ts";

const PREFIX = "GATEWAYWORKER_";

/** What Kubernetes makes for a Service whose name is `gatewayworker`, or begins so. */
const OF_A_SERVICE =
  /_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/**
 * Says which variables look like options and are none.
 *
 * @param names The names of all variables.
 */
export function tellUnknownVariables(names: readonly string[]): string[] {
  const known = OPTION_KEYS.filter((key) => {
    const { internal = false, flagOnly = false } = OPTIONS[key];
    return !internal && !flagOnly;
  }).map(envName);
  const unknown = names.filter((name) =>
    name.startsWith(PREFIX) && !known.includes(name)
  );
  const meant = (name: string) => closest(name, known);
  // Two letters make a short name into many: START_PORT alone is one of its form.
  const isService = (name: string) =>
    OF_A_SERVICE.test(name) && !OF_A_SERVICE.test(meant(name) ?? "");
  const ofServices = unknown.filter(isService);
  return [
    ...unknown.filter((name) => !isService(name)).map((name) =>
      `Ignores ${name} as there is no such option${
        meant(name) === undefined ? "" : `: did you mean ${meant(name)}?`
      }`
    ),
    ...ofServices.slice(0, 1).map((name) =>
      `Ignores ${name}${
        ofServices.length === 1 ? "" : ` and ${ofServices.length - 1} more`
      }: they look like what Kubernetes makes for a Service`
    ),
  ];
}
