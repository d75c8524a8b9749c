import { pause } from "../../lib/base/pause.ts";
import type { Child } from "./child.ts";
import type { GatewayReport } from "./gateway_process.ts";
import type { FaultKind } from "./plan.ts";
import { pickAt } from "./random.ts";
import type { GatewaySlot, TestCluster } from "./test_cluster.ts";

/** Milliseconds after which nothing that follows from a disturbance is under way any more. */
const CALM_TIME = 4_000;

/** Milliseconds that a disturbance lasts for links to be given up: who dials in vain meanwhile tries again. */
const LONG_TIME = 10_000;

/** The same after such a long one: a handshake in vain takes 5 s, the next follows in 2, and the machine is busy. */
const LONG_CALM_TIME = 15_000;

/** Longest that a worker is frozen and then dials, in milliseconds. */
const FREEZE_LIMIT = 45_000;

/** Milliseconds that the workers of a killed gateway are left alone: two deaths at once lose what only the two knew. */
const MOURNING_TIME = 3_000;

/** Seconds by which clocks are set: of another time zone, and of a correction. */
const CLOCK_STEPS = [-3_600, -20, 20, 3_600];

/** Waiting events with which a gateway is told to stop; it could not work off any number in time. */
const MAX_BACKLOG = 500;

/** What ends a fault that lasts. */
interface Lasting {
  readonly timer: ReturnType<typeof setTimeout>;
  end(): void;
}

/** Does to a cluster what a plan says. */
export class FaultDriver {
  readonly #cluster: TestCluster;
  readonly #workers: number;
  readonly #lasting = new Set<Lasting>();
  readonly #tasks = new Set<Promise<void>>();
  /**
   * Workers whose link was cut while they were frozen. To them, a gateway that then
   * goes has just died, and they raise ends that others have raised.
   */
  readonly #severed = new Map<Child, Set<GatewaySlot>>();
  readonly #onStopped: (slot: GatewaySlot, report: GatewayReport) => void;
  readonly #healing = new AbortController();
  #refilling: Promise<void> = Promise.resolve();
  #extraWorkers = 0;
  #failure: unknown;
  #mourningUntil = 0;
  /** How often each fault was done. */
  readonly done: Map<FaultKind, number> = new Map();

  /**
   * @param cluster The cluster.
   * @param workers How many workers there are to be.
   * @param onStopped Is told what a gateway said at last.
   */
  constructor(
    cluster: TestCluster,
    workers: number,
    onStopped: (slot: GatewaySlot, report: GatewayReport) => void,
  ) {
    this.#cluster = cluster;
    this.#workers = workers;
    this.#onStopped = onStopped;
  }

  /** Does one thing; what lasts goes on when this resolves. */
  async do(kind: FaultKind, roll: number): Promise<void> {
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
    await this.#actions[kind](roll);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Ends everything that lasts, and waits until there are as many processes as there are
   * to be. Whoever is disturbed stays so: nothing is told any more that calm would judge.
   */
  async heal(): Promise<void> {
    this.#healing.abort();
    for (const lasting of this.#lasting) this.#endNow(lasting);
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    if (this.#failure !== undefined) throw this.#failure;
    await this.#refill();
  }

  /** Replaces all workers by new ones, one after another. */
  async reload(): Promise<void> {
    for (const worker of [...this.#cluster.workers]) {
      if (!worker.isDoomed) await this.#replace(worker);
    }
  }

  readonly #actions: Record<FaultKind, (roll: number) => Promise<void>> = {
    "kill-worker": async (roll) => {
      await this.#mourn();
      const worker = this.#pickWorker(roll);
      if (worker !== undefined) await this.#killWorker(worker);
      this.#spawn(this.#refill());
    },
    "stop-worker": (roll) => {
      const worker = this.#pickWorker(roll);
      if (worker !== undefined) this.#stopWorker(worker);
      if (this.#extraWorkers > 0) this.#extraWorkers--;
      this.#spawn(this.#refill());
      return Promise.resolve();
    },
    "add-worker": () => {
      this.#extraWorkers++;
      this.#spawn(this.#refill());
      return Promise.resolve();
    },
    "replace-worker": async (roll) => {
      const worker = this.#pickWorker(roll);
      if (worker !== undefined) await this.#replace(worker);
    },
    "freeze-worker": (roll) => {
      const worker = this.#pickWorker(roll);
      if (worker === undefined) return Promise.resolve();
      const target = `w${worker.pid}`;
      return this.#freeze(worker, 1_500 + 4_000 * part(roll), [target]);
    },
    "freeze-worker-long": (roll) => {
      const worker = this.#pickWorker(roll);
      if (worker === undefined) return Promise.resolve();
      const target = `w${worker.pid}`;
      return this.#freeze(worker, 21_000 + 4_000 * part(roll), [target]);
    },
    "no-worker": (roll) => this.#removeAllWorkers(roll),
    "kill-register": (roll) => this.#killRegister(roll),
    "stop-registers": () => this.#stopRegisters(),
    "stop-gateway": (roll) => this.#stopGateway(roll),
    "kill-gateway": (roll) => this.#killGateway(roll),
    "freeze-gateway": (roll) => {
      const slot = this.#pickGateway(roll);
      if (slot?.child === undefined) return Promise.resolve();
      const target = `g${slot.number}`;
      return this.#freeze(slot.child, 1_500 + 4_000 * part(roll), [target]);
    },
    "freeze-gateway-long": (roll) => {
      const slot = this.#pickGateway(roll);
      if (slot?.child === undefined) return Promise.resolve();
      const targets = this.#linkedWith(slot);
      return this.#freeze(slot.child, 10_000 + 30_000 * part(roll), targets);
    },
    "step-clock": (roll) => {
      const [, clock] = pickAt([...this.#cluster.clocks], roll) ?? [];
      clock?.set(pickAt(CLOCK_STEPS, part(roll)) ?? 0);
      return Promise.resolve();
    },
    "cut-link": (roll) => {
      const worker = this.#pickWorker(part(roll));
      if (worker !== undefined) {
        this.#disturb([`w${worker.pid}`], 0, () => {});
        this.#pickGateway(roll)?.proxy.cut(worker.name);
      }
      return Promise.resolve();
    },
    "cut-links": (roll) => {
      const slot = this.#pickGateway(roll);
      if (slot === undefined) return Promise.resolve();
      this.#disturb(this.#linkedWith(slot), 0, () => {});
      this.#sever(slot);
      slot.proxy.cut();
      return Promise.resolve();
    },
    "delay-links": (roll) => {
      const proxy = this.#pickGateway(roll)?.proxy;
      proxy?.late(50 + 200 * part(roll));
      this.#last(3_000, () => proxy?.late(0));
      return Promise.resolve();
    },
    "hold-links": (roll) => {
      const slot = this.#pickGateway(roll);
      if (slot === undefined) return Promise.resolve();
      this.#disturb(this.#linkedWith(slot), 21_000, () => slot.proxy.heal());
      this.#sever(slot);
      slot.proxy.hold();
      return Promise.resolve();
    },
  };

  /** A gateway, and whoever may have a link with it. */
  #linkedWith({ number }: GatewaySlot): string[] {
    const workers = [...this.#cluster.workers, ...this.#cluster.leaving];
    return [`g${number}`, ...workers.map(({ pid }) => `w${pid}`)];
  }

  #pickWorker(roll: number): Child | undefined {
    const able = this.#cluster.workers.filter((each) =>
      !this.#cluster.frozen.has(each)
    );
    return pickAt(able, roll);
  }

  /**
   * A gateway that nothing lasting is done to: one that goes while nobody can reach it
   * takes with it what nobody else knows.
   */
  #pickGateway(roll: number): GatewaySlot | undefined {
    const able = this.#cluster.gateways.filter(({ child }) =>
      child !== undefined && !this.#cluster.frozen.has(child)
    ).filter(({ proxy }) => !proxy.isHeld);
    return pickAt(able, roll);
  }

  async #killWorker(worker: Child): Promise<void> {
    this.#cluster.mark("killed", `w${worker.pid}`);
    await this.#cluster.kill(worker);
  }

  #stopWorker(worker: Child): void {
    this.#cluster.mark("stopped", `w${worker.pid}`);
    this.#spawn(this.#cluster.stop(worker));
  }

  async #replace(worker: Child): Promise<void> {
    await this.#cluster.startWorker();
    const able = this.#cluster.workers.filter((each) =>
      !this.#cluster.frozen.has(each)
    );
    await this.#cluster.linked(able.length, 5_000);
    if (!worker.isDoomed && !this.#cluster.frozen.has(worker)) {
      this.#stopWorker(worker);
    }
  }

  /** Starts workers until there are enough of them. */
  #refill(): Promise<void> {
    this.#refilling = this.#refilling.then(async () => {
      const enough = this.#workers + this.#extraWorkers;
      while (this.#cluster.workers.length < enough) {
        await this.#cluster.startWorker();
      }
    });
    return this.#refilling;
  }

  #freeze(
    child: Child,
    duration: number,
    disturbed: readonly string[],
  ): Promise<void> {
    this.#cluster.frozen.add(child);
    for (const slot of this.#cluster.gateways) {
      if (slot.proxy.isHeld) this.#sever(slot);
    }
    this.#disturb(disturbed, duration, () => {
      child.signal("SIGCONT");
      this.#cluster.frozen.delete(child);
      this.#spawn(
        pause(calmAfter(duration), this.#healing.signal).then(() => {
          if (!this.#cluster.frozen.has(child)) this.#severed.delete(child);
        }),
      );
    });
    child.signal("SIGSTOP");
    return Promise.resolve();
  }

  /** The links of a gateway are about to be cut: those of frozen workers, too. */
  #sever(slot: GatewaySlot): void {
    for (const child of this.#cluster.frozen) {
      const slots = this.#severed.get(child) ?? new Set();
      this.#severed.set(child, slots.add(slot));
    }
  }

  /** Waits until no worker takes what happens to a gateway for what it is not. */
  async #isUnderstood(slot: GatewaySlot): Promise<void> {
    const isClear = () =>
      [...this.#severed.values()].every((slots) => !slots.has(slot));
    await this.#cluster.until(isClear, FREEZE_LIMIT);
  }

  async #removeAllWorkers(roll: number): Promise<void> {
    await this.#mourn();
    const kills = part(roll) < 0.5;
    for (const worker of [...this.#cluster.workers]) {
      if (this.#cluster.frozen.has(worker)) continue;
      if (kills) await this.#killWorker(worker);
      else this.#stopWorker(worker);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000 + 4_000 * roll));
    this.#spawn(this.#refill());
  }

  async #killRegister(roll: number): Promise<void> {
    const slot = pickAt(this.#cluster.registers, roll);
    if (slot?.child === undefined) return;
    await this.#cluster.kill(slot.child);
    this.#last(1_000, () => this.#spawn(this.#cluster.startRegister(slot)));
  }

  async #stopRegisters(): Promise<void> {
    const slots = this.#cluster.registers.filter(({ child }) => child);
    await Promise.all(
      slots.map(({ child }) => child && this.#cluster.stop(child)),
    );
    this.#last(2_500, () => {
      for (const slot of slots) this.#spawn(this.#cluster.startRegister(slot));
    });
  }

  async #stopGateway(roll: number): Promise<void> {
    const slot = this.#pickGateway(roll);
    if (slot?.child === undefined) return;
    await this.#isUnderstood(slot);
    if (!await this.#cluster.until(() => this.#canStop(slot), 15_000)) return;
    const { child } = slot;
    this.#cluster.mark("stopped", `g${slot.number}`);
    const ended = this.#cluster.stop(child);
    // Written by our own process.
    const report = JSON.parse(await child.lastLine()) as GatewayReport;
    this.#onStopped(slot, report);
    await slot.proxy.down();
    await ended;
    await this.#cluster.startGateway(slot);
  }

  /** A gateway has some seconds to stop: it needs workers that stay, and not too much to do. */
  async #canStop(slot: GatewaySlot): Promise<boolean> {
    const report = await this.#cluster.ask(slot);
    if (report === undefined) return true;
    if (this.#cluster.leaving.length > 0) return false;
    return report.workers > 0 && report.ledger.parked < MAX_BACKLOG;
  }

  async #killGateway(roll: number): Promise<void> {
    const slot = this.#pickGateway(roll);
    if (slot?.child === undefined) return;
    await this.#isUnderstood(slot);
    this.#cluster.mark("killed", `g${slot.number}`);
    await Promise.all([this.#cluster.kill(slot.child), slot.proxy.down()]);
    this.#mourningUntil = performance.now() + MOURNING_TIME;
    const down = 4_000 * part(roll);
    await new Promise((resolve) => setTimeout(resolve, down));
    await this.#cluster.startGateway(slot);
  }

  async #mourn(): Promise<void> {
    const time = this.#mourningUntil - performance.now();
    if (time > 0) await new Promise((resolve) => setTimeout(resolve, time));
  }

  /** Marks some as disturbed, and as calm some time after the disturbance has ended. */
  #disturb(
    targets: readonly string[],
    duration: number,
    end: () => void,
  ): void {
    for (const target of targets) this.#cluster.mark("disturbed", target);
    this.#last(duration, () => {
      end();
      this.#spawn(this.#calmDown(targets, calmAfter(duration)));
    });
  }

  async #calmDown(targets: readonly string[], time: number): Promise<void> {
    const { signal } = this.#healing;
    await pause(time, signal);
    if (signal.aborted) return;
    for (const target of targets) this.#cluster.mark("calm", target);
  }

  #last(duration: number, end: () => void): void {
    const timer = setTimeout(() => this.#endNow(lasting), duration);
    const lasting = { timer, end };
    this.#lasting.add(lasting);
  }

  #endNow(lasting: Lasting): void {
    clearTimeout(lasting.timer);
    this.#lasting.delete(lasting);
    lasting.end();
  }

  #spawn(task: Promise<void>): void {
    const watched = task.catch((error) => {
      this.#failure ??= error;
    }).finally(() => this.#tasks.delete(watched));
    this.#tasks.add(watched);
  }
}

/** How long it takes until nothing follows any more from what lasted so long. */
function calmAfter(duration: number): number {
  return duration < LONG_TIME ? CALM_TIME : LONG_CALM_TIME;
}

/** A number of at least 0 and less than 1 that a roll decides, other than itself. */
function part(roll: number): number {
  return roll * 977 % 1;
}
