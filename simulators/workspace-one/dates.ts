const DATE =
  /^(?:(\d{4})[-/](\d{2})[-/](\d{2})|(\d{2})\/(\d{2})\/(\d{4}))(?:[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?))?Z?$/;

/**
 * The date forms that UEM's search takes, always read as UTC: `yyyy-MM-dd`, `yyyy/MM/dd` and `MM/dd/yyyy`, each alone or
 * with `T` or a space and `HH:mm:ss[.fff]`. Epoch milliseconds, or `undefined` for anything else.
 */
export function parseDate(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, usMonth, usDay, usYear, time = "00:00:00"] = match;
  const instant = Date.parse(`${year ?? usYear}-${month ?? usMonth}-${day ?? usDay}T${time}Z`);
  return Number.isNaN(instant) ? undefined : instant;
}
