import { describe, expect, it } from 'vitest';
import { makeZip } from './fixtures/zip.ts';
import { collectText } from './fixtures/collect.ts';
import { cleanAddress } from './host-book.ts';
import { stem } from './input/parts.ts';
import { remember } from './input/remember.ts';

/** Long enough that work by the square of it takes minutes. */
const LONG = 300_000;
const ID = '0123abcd-0123-4567-89ab-0123456789ab';

describe('one long word costs as much as its length, and is forgotten', () => {
  it('in a label of a red team', async () => {
    const rows = ['id,description,label'];
    for (const word of ['x'.repeat(LONG), `${'x'.repeat(LONG)} -> `, `${' -> '.repeat(LONG / 4)}y`, 'a -> b'])
      rows.push(`${ID},${word},R`);
    const { stats, events } = await collectText(`${rows.join('\n')}\n`);
    expect(stats).toMatchObject({ events: 4, rejects: 0 });
    expect(events.at(-1)).toMatchObject({ srcHost: 'a.systemia.com', dstHost: 'b.systemia.com' });
  });

  it('in an address, a name of a file and a kind that is not used', async () => {
    expect(cleanAddress(`fe80::1${'%'.repeat(LONG)}\nx`)).toBe('fe80:0:0:0:0:0:0:1');
    expect(stem(`${'.gz'.repeat(LONG)}x`)).toHaveLength(3 * LONG + 1);
    expect(stem('auth.txt.gz')).toBe('auth');
    const zeek = `#separator \\x09\n#path\t${'k'.repeat(LONG)}\n#fields\tts\tuid\n1.5\tu\n`;
    const { stats } = await collectText(zeek.repeat(2));
    expect(Object.entries(stats.ignored)).toEqual([[expect.stringMatching(/^.{1,200}$/), 2]]);
  });

  it('in the label of a flow', async () => {
    const header =
      'Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Total Fwd Packets, Total Backward Packets, Total Length of Fwd Packets, Total Length of Bwd Packets, Label';
    const row = (label: string) => `f,10.0.0.1,1,10.0.0.2,445,6,03/07/2017 08:55:58,5,1,1,1,1,${label}`;
    const labels = [`Web Attack \u2013 XSS`, `a${' '.repeat(LONG)}b`];
    const { events } = await collectText([header, ...labels.map(row)].join('\n'));
    expect(events.filter(({ type }) => type === 'detection')).toMatchObject([
      { label: 'Web Attack - XSS' },
      { label: labels[1] },
    ]);
  });

  it('among words that are remembered', () => {
    let asked = 0;
    const length = remember((word: string) => (asked++, word.length));
    for (const word of ['a', 'a', 'a'.repeat(LONG), 'a'.repeat(LONG)]) length(word);
    expect(asked).toBe(3);
  });

  it('in the name of an entry of an archive', async () => {
    const rows = '1,A@D,B@D,C1,C2,Kerberos,Network,LogOn,Success\n';
    const zip = makeZip({ [`${'n'.repeat(5000)}.txt`]: rows, 'b.txt': rows });
    const { stats } = await collectText(zip);
    expect(stats).toMatchObject({ events: 1, skipped: [{ reason: 'a name of 5004 characters' }] });
    expect(stats.skipped[0]?.file.length).toBeLessThan(1100);
  });
});
