import { isSameDecision } from "../../domain/decision.ts";
import { decide } from "../../domain/policy.ts";
import { evidence, NOW, resultLabel, rule, snapshot } from "../support/domain-values.ts";

const policy = snapshot([{ ...rule("Corp", 0), applyLabels: ["vlan" as never] }], [resultLabel("vlan", "vlan", "20")]);
const decision = decide(evidence(), policy, NOW);

test("two decisions of one policy on the same facts are alike", () => {
  expect(isSameDecision(decision, decide(evidence(), policy, NOW + 1))).toBe(true);
});

test.each([...Object.keys(decision), "compliance.status", "compliance.reason"])(
  "another %s makes another decision",
  (name) => {
    const [field = "", part] = name.split(".");
    const was = decision[field as keyof typeof decision];
    const other = part === undefined ? {} : { ...(was as object), [part]: "other" };
    expect(isSameDecision(decision, { ...decision, [field]: other })).toBe(false);
  },
);
