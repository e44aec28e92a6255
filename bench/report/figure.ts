import { median } from "./statistics.ts";

/** One line of the table. */
export interface Figure {
  readonly title: string;
  readonly value: number;
  /** Of the single rounds. */
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  readonly goal?: Goal;
  /** What it was made of, and what speaks against it. */
  readonly remarks: readonly string[];
}

/** `reach` is to be had, `aim` is the wish. */
export interface Goal {
  readonly better: "more" | "less";
  readonly reach: number;
  readonly aim: number;
}

type Rest = Pick<Figure, "title" | "unit" | "goal" | "remarks">;

/** The median of the rounds. */
export function figureOf(rounds: readonly number[], rest: Rest): Figure {
  return { ...rest, value: median(rounds), least: Math.min(...rounds), most: Math.max(...rounds) };
}

/** The most of the rounds, of what must not happen in any. */
export function mostOf(rounds: readonly number[], rest: Rest): Figure {
  const figure = figureOf(rounds, rest);
  return { ...figure, value: figure.most };
}

/** How many times `ours` is `theirs`: of the medians, with the ratios of the single rounds as spread. */
export function ratioOf(ours: readonly number[], theirs: readonly number[], rest: Omit<Rest, "unit">): Figure {
  const rounds = ours.map((our, i) => our / theirs[i]!);
  return {
    ...rest,
    unit: "×",
    value: median(ours) / median(theirs),
    least: Math.min(...rounds),
    most: Math.max(...rounds),
  };
}

type Standing = "aim" | "reached" | "missed" | "";

export function standingOf({ value, goal }: Figure): Standing {
  if (goal === undefined) return "";
  const meets = (wanted: number): boolean => (goal.better === "more" ? value >= wanted : value <= wanted);
  if (meets(goal.aim)) return "aim";
  return meets(goal.reach) ? "reached" : "missed";
}
