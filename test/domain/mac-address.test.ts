import { macNotations, parseMac } from "../../domain/mac-address.ts";

test("every notation is one that is read, and they are all different", () => {
  const mac = parseMac("A4-83-E7-0b-0c-0d")!;
  const notations = macNotations(mac);
  expect(notations).toEqual(expect.arrayContaining(["a483e70b0c0d", "A4-83-E7-0B-0C-0D", "a483.e70b.0c0d"]));
  expect(new Set(notations).size).toBe(18);
  for (const notation of notations) expect([notation, parseMac(notation)]).toEqual([notation, mac]);
});
