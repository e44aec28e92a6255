import { eventsOf } from "../../bench/figures/kill.ts";

test("a kill under which nothing was answered proves nothing, and voids the measurement", () => {
  expect(() => eventsOf({ bad: 0, events: [] })).toThrow("a run had no answer: it proves nothing");
  expect(() => eventsOf({ bad: 1, events: ["an event"] })).toThrow("1 answers were wrong");
  expect(eventsOf({ bad: 0, events: ["an event"] })).toEqual(["an event"]);
});
