import type { Bench } from "../bench.ts";
import { contamination } from "../machine/company.ts";
import type { Contest } from "../contest.ts";
import { figureOf, type Figure } from "../report/figure.ts";
import { runTrial } from "../trial.ts";

const SIZES = [500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000] as const;
const ROUNDS_OF_A_SIZE = 5;

/** How many requests may come back to back without one lost, with their events durable. */
export async function measureBurst(bench: Bench, { us }: Contest): Promise<readonly Figure[]> {
  const survived: number[] = [];
  const losses: string[] = [];
  const company: number[] = [];
  for (let round = 1; round <= bench.rounds; round++) {
    let most = 0;
    for (const requests of SIZES) {
      const traffic = { kind: "burst", requests, rounds: ROUNDS_OF_A_SIZE } as const;
      const { lost, others } = await runTrial(
        bench.generator,
        { port: us.server.port, expects: "accept", traffic },
        { server: us.server.pid, database: bench.installation.database.pid },
        { ...bench.patience, tries: 1 },
      );
      bench.say(`${ROUNDS_OF_A_SIZE} bursts of ${requests}, round ${round}: ${lost} lost`);
      company.push(others);
      if (lost > 0) losses.push(`${lost} of ${ROUNDS_OF_A_SIZE} × ${requests} lost`);
      if (lost > 0) break;
      most = requests;
    }
    survived.push(most);
  }
  const goal = { better: "more", reach: 1_000, aim: 5_000 } as const;
  const title = "requests back to back without one lost, event durable";
  return [figureOf(survived, { title, unit: "", goal, remarks: [...losses, ...contamination(company)] })];
}
