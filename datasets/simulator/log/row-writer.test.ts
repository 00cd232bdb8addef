import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KIND_TEXTS } from '../kinds.ts';
import { DayBuffer, MALICIOUS, NOVEL, SUCCESS } from './day-buffer.ts';
import { RowWriter } from './row-writer.ts';

const name = fc.stringMatching(/^[A-Za-z0-9$@. ]{1,24}$/);

describe('the writer of rows', () => {
  it('writes what joining strings writes, in order of seconds and then of adding, however long names are', () => {
    const event = fc.record({
      second: fc.nat(86_399),
      a: fc.nat(3),
      b: fc.nat(3),
      c: fc.nat(3),
      d: fc.nat(3),
      kind: fc.nat(KIND_TEXTS.length - 1),
      ok: fc.boolean(),
      flags: fc.constantFrom(0, MALICIOUS, NOVEL, MALICIOUS | NOVEL),
    });
    const names = fc.array(name, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(names, names, fc.array(event), fc.nat(1000), (accounts, hosts, events, day) => {
        const buffer = new DayBuffer();
        for (const { second, a, b, c, d, kind, ok, flags } of events)
          buffer.add(second, a, b, c, d, kind + flags + (ok ? SUCCESS : 0));
        const writer = new RowWriter(accounts, hosts);
        const written = Buffer.concat([...writer.rows(buffer, day * 86_400)]).toString('latin1');
        const expected = events
          .toSorted((one, other) => one.second - other.second)
          .map(
            ({ second, a, b, c, d, kind, ok }) =>
              `${day * 86_400 + second},${accounts[a]},${accounts[b]},${hosts[c]},${hosts[d]},${KIND_TEXTS[kind]},${ok ? 'Success' : 'Fail'}\n`,
          );
        expect(written).toBe(expected.join(''));
      }),
    );
  });

  it('parts a large day between rows and loses none', () => {
    const buffer = new DayBuffer();
    for (let i = 0; i < 20_000; i++) buffer.add((i * 7919) % 86_400, i % 2, i % 2, 0, 1, SUCCESS);
    const chunks = [...new RowWriter(['U1@D', 'U22@D'], ['C1', 'C2']).rows(buffer, 0)];
    expect(chunks.length).toBeGreaterThan(3);
    for (const chunk of chunks) expect(chunk.at(-1)).toBe(0x0a);
    const rows = Buffer.concat(chunks).toString().trimEnd().split('\n');
    expect(rows).toHaveLength(20_000);
    const times = rows.map((row) => Number(row.split(',')[0]));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe('the buffer of a day', () => {
  it('keeps what happens after midnight for the next day, and nothing for another organisation', () => {
    const buffer = new DayBuffer();
    buffer.add(86_399, 1, 2, 3, 4, 5);
    buffer.add(86_400 + 30, 6, 7, 8, 9, 10);
    buffer.add(3 * 86_400, 1, 1, 1, 1, 1);
    expect(buffer.length).toBe(1);
    buffer.nextDay();
    expect([buffer.length, buffer.second[0], buffer.srcAccount[0], buffer.what[0]]).toEqual([1, 30, 6, 10]);
    buffer.reset();
    buffer.nextDay();
    expect(buffer.length).toBe(0);
  });
});
