import type { Conditions } from "../machine/conditions.ts";
import { standingOf, type Figure } from "./figure.ts";

/** Markdown: what the run stood on, and one line for each figure. */
export function describeConditions(conditions: Conditions): string {
  return Object.entries(conditions)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join("\n");
}

export function describeFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.title,
    `**${shown(figure.value)}${figure.unit}** (${shown(figure.least)}..${shown(figure.most)})`,
    figure.goal === undefined ? "" : goalText(figure, figure.goal.reach),
    figure.goal === undefined ? "" : goalText(figure, figure.goal.aim),
    standingOf(figure),
    figure.remarks.join("; "),
  ]);
  const head = ["figure", "median (least..most)", "reach", "aim", "stands", "made of"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function goalText({ goal, unit }: Figure, wanted: number): string {
  return `${goal?.better === "more" ? "≥" : "≤"} ${shown(wanted)}${unit}`;
}

function shown(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3);
}
