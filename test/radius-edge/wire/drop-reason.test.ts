import { describeDrop, DROP_REASONS } from "../../../radius-edge/wire/drop-reason.ts";

test("each reason is one sentence, and no two are alike", () => {
  const sentences = DROP_REASONS.map(describeDrop);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
  expect(new Set(sentences).size).toBe(DROP_REASONS.length);
});
