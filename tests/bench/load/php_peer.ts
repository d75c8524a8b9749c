import { fileURLToPath } from "node:url";
import { Child, freePorts } from "./child.ts";
import { outputOf, PEER_FOLDER, UnavailableError } from "./peer_folder.ts";

const FOLDER = `${PEER_FOLDER}/php`;

/** What composer installs, with the version that everybody measures against. */
const PACKAGE = "workerman/gateway-worker:^4.0";

/**
 * Starts the original, GatewayWorker on PHP: a Register, one gateway and one worker, each
 * under a master process of its own as it starts them.
 *
 * @returns Addresses for clients.
 * @throws {UnavailableError} If there is no PHP, or its packages cannot be had.
 */
export async function launchOriginal(children: Child[]): Promise<string[]> {
  await outputOf("php", ["--version"]);
  await (installed ??= install());
  const [registerPort, port, startPort] = freePorts(3);
  const env = {
    BENCH_REGISTER_PORT: String(registerPort),
    BENCH_PORT: String(port),
    BENCH_START_PORT: String(startPort),
    BENCH_FOLDER: await Deno.makeTempDir({ dir: FOLDER }),
  };
  for (const role of ["register", "gateway", "worker"]) {
    const command = ["php", `${FOLDER}/original.php`, "start"] as const;
    const options = { cwd: FOLDER, env: { ...env, BENCH_ROLE: role } };
    children.push(new Child(role, command, options));
  }
  return [`127.0.0.1:${port}`];
}

/** Tried once: where the packages cannot be had, a second row would wait in vain again. */
let installed: Promise<void> | undefined;

async function install(): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const program = new URL("peers/original.php", import.meta.url);
  await Deno.copyFile(fileURLToPath(program), `${FOLDER}/original.php`);
  if (await isInstalled()) return;
  const quiet = ["--no-interaction", "--no-progress", "--no-scripts"];
  const where = [`--working-dir=${FOLDER}`];
  // Without a file of its own, composer would ask whether to use one further up.
  await Deno.writeTextFile(`${FOLDER}/composer.json`, "{}");
  try {
    await outputOf("composer", ["require", ...quiet, ...where, PACKAGE]);
  } catch (cause) {
    throw new UnavailableError(
      `Cannot have ${PACKAGE}, as composer does not find or install it here`,
      { cause },
    );
  }
}

async function isInstalled(): Promise<boolean> {
  try {
    await Deno.stat(`${FOLDER}/vendor/autoload.php`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
