import { alternate, faultsOf, type Bench, type Side } from "../bench.ts";
import { figureOf, ratioOf, type Figure } from "../report/figure.ts";
import { median } from "../report/statistics.ts";
import { startEventlessEdge } from "../servers/edge.ts";
import { startProgram } from "../servers/program.ts";
import type { Trial } from "../trial.ts";

/** They fit into the receive buffer that both have asked for. */
const HELD = { requests: 4_000, rounds: 25 } as const;
const WARM_UP_ROUNDS = 10;

/**
 * CPU of one MAC authentication without its event, in units of what Node needs to send a datagram back. Both are saturated:
 * each round's requests wait for a process that is stopped, and is then let go.
 */
export async function measureEcho(bench: Bench): Promise<readonly Figure[]> {
  const echo = await startProgram("echo", "bare Node echo");
  const edge = await startEventlessEdge(bench.installation);
  const sides: readonly Side[] = [
    { server: edge, usesDatabase: false },
    { server: echo, usesDatabase: false, expects: "echo" },
  ];
  try {
    const held = ({ server }: Side, rounds: number = HELD.rounds) =>
      ({ kind: "held", requests: HELD.requests, rounds, pid: server.pid }) as const;
    for (const { server, expects = "accept" } of sides)
      await bench.generator.run({
        port: server.port,
        expects,
        traffic: held({ server, usesDatabase: false }, WARM_UP_ROUNDS),
      });
    await requireNoEvent(bench);
    const [ours = [], floor = []] = await alternate(bench, "CPU, saturated", sides, (side) => held(side));
    const cpu = ({ serverMicros }: Trial): number => serverMicros;
    const remarks = [
      `${median(ours.map(cpu)).toFixed(2)} µs against ${median(floor.map(cpu)).toFixed(2)} µs`,
      ...lossOf(ours, floor),
      ...faultsOf(ours, floor),
    ];
    return [
      figureOf(ours.map(cpu), { title: "CPU of one MAC authentication without event", unit: " µs", remarks: [] }),
      ratioOf(ours.map(cpu), floor.map(cpu), {
        title: "the same / of a bare Node UDP echo, both saturated",
        goal: { better: "less", reach: 4, aim: 2.5 },
        remarks,
      }),
    ];
  } finally {
    await edge.stop();
    await echo.stop();
  }
}

/** If the build's own record were still in its place, all this would measure something else. */
async function requireNoEvent({ installation }: Bench): Promise<void> {
  const events = await installation.database.run("select 1 from events limit 1");
  if (events.length > 0) throw new Error("the edge without events has kept one");
}

function lossOf(...trials: readonly (readonly Trial[])[]): readonly string[] {
  const lost = trials.flat().reduce((sum, trial) => sum + trial.lost, 0);
  return lost === 0 ? [] : [`${lost} requests lost`];
}
