const NEEDLES = ['"EventID":', '"event_id":'].map((text) => Buffer.from(text));
const LONGEST = 24;

/**
 * Finds the event id in the bytes of one JSON record without parsing it; -1 where it is not found in the plain form.
 * A quote before the colon cannot be part of an escaped string (there it would be preceded by a backslash), so text
 * inside a message is never taken for the field.
 */
export class EventIdScanner {
  private likely = 0;

  scan(record: Buffer): number {
    for (let attempt = 0; attempt < NEEDLES.length; attempt++) {
      const index = (this.likely + attempt) % NEEDLES.length;
      const needle = NEEDLES[index];
      if (needle === undefined) continue;
      const at = record.indexOf(needle);
      if (at < 0) continue;
      this.likely = index;
      return readInteger(record, at + needle.length);
    }
    return -1;
  }
}

function readInteger(record: Buffer, from: number): number {
  let i = from;
  const limit = Math.min(record.length, from + LONGEST);
  while (i < limit && (record[i] === 0x20 || record[i] === 0x22)) i++;
  let value = -1;
  for (; i < limit; i++) {
    const digit = (record[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = (value < 0 ? 0 : value) * 10 + digit;
  }
  return value;
}
