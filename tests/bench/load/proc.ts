/** Ticks of `/proc/PID/stat` in a second: Linux says 100 to every program. */
const TICKS = 100;

/** A process to watch, children included. */
export interface Watched {
  /** What it is in reports, such as "gateway". */
  readonly name: string;
  /** Its process id. */
  readonly pid: number;
}

/** What a process has used so far. */
export interface Usage {
  /** What it is in reports. */
  readonly name: string;
  /** Seconds of processor time, in user and kernel mode. */
  readonly cpu: number;
  /** Context switches of all threads, voluntary or not. */
  readonly switches: number;
  /** Bytes of memory that are resident; between two readings, the growth. */
  readonly rss: number;
  /** Bytes of memory that are resident now. */
  readonly resident: number;
}

/** Reads what processes and their children have used, from `/proc`. */
export function readUsage(watched: readonly Watched[]): Usage[] {
  return watched.map(({ name, pid }) => {
    const pids = family(pid);
    const resident = sum(pids, residentBytes);
    return {
      name,
      cpu: sum(pids, cpuSeconds),
      switches: sum(pids, contextSwitches),
      rss: resident,
      resident,
    };
  });
}

/** Subtracts an earlier reading; `rss` becomes the growth. */
export function usageSince(
  before: readonly Usage[],
  after: readonly Usage[],
): Usage[] {
  return after.map((now, i) => ({
    name: now.name,
    cpu: round(now.cpu - (before[i]?.cpu ?? 0)),
    switches: now.switches - (before[i]?.switches ?? 0),
    rss: now.rss - (before[i]?.rss ?? 0),
    resident: now.resident,
  }));
}

/** Reads processor seconds out of the text of `/proc/PID/stat`. */
export function parseCpuSeconds(stat: string): number {
  // The name stands in parentheses and may hold spaces: count fields behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Reads one number out of the text of `/proc/PID/status`; 0 if it is not there. */
export function parseStatus(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s*(\\d+)`, "m").exec(status)?.[1] ?? 0);
}

function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return stat === "" ? 0 : parseCpuSeconds(stat);
}

function residentBytes(pid: number): number {
  return parseStatus(read(`/proc/${pid}/status`), "VmRSS") * 1_024;
}

function contextSwitches(pid: number): number {
  return sum(list(`/proc/${pid}/task`), (thread) => {
    const status = read(`/proc/${pid}/task/${thread}/status`);
    return parseStatus(status, "voluntary_ctxt_switches") +
      parseStatus(status, "nonvoluntary_ctxt_switches");
  });
}

function family(pid: number): number[] {
  const children = list(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean)
  );
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // The process or thread has ended meanwhile: it uses nothing.
    return "";
  }
}

function list(path: string): number[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => Number(entry.name));
  } catch {
    // As above.
    return [];
  }
}

function sum(items: readonly number[], of: (item: number) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function round(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
