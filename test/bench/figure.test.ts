import { figureOf, mostOf, standingOf } from "../../bench/report/figure.ts";

const rest = { title: "sent again", unit: "", goal: { better: "less", reach: 0, aim: 0 }, remarks: [] } as const;

test("what must not happen in any round is not hidden by the rounds in which it did not", () => {
  const rounds = [0, 0, 7, 0, 0, 0];
  expect(figureOf(rounds, rest)).toMatchObject({ value: 0, least: 0, most: 7 });
  expect(mostOf(rounds, rest)).toMatchObject({ value: 7, least: 0, most: 7 });
  expect(standingOf(mostOf(rounds, rest))).toBe("missed");
  expect(standingOf(mostOf([0, 0], rest))).toBe("aim");
});
