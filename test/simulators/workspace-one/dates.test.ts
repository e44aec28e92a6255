import { parseDate } from "../../../simulators/workspace-one/dates.ts";

test.each([
  ["2026-11-25", "2026-11-25T00:00:00Z"],
  ["2026/11/25", "2026-11-25T00:00:00Z"],
  ["11/25/2026", "2026-11-25T00:00:00Z"],
  ["2026-11-25T10:11:12", "2026-11-25T10:11:12Z"],
  ["11/25/2026 10:11:12.130", "2026-11-25T10:11:12.130Z"],
])("%s is read as UTC", (text, instant) => {
  expect(parseDate(text)).toBe(Date.parse(instant));
});

test.each(["", "yesterday", "25/11/2026", "2026-13-01", "2026-11-25T10", "20261125"])("%s is no date", (text) => {
  expect(parseDate(text)).toBeUndefined();
});
