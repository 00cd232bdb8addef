import { SeededStream } from '../models/seeded-stream.ts';
import { RowList } from '../participant/train/rows.ts';
import type { SiteData } from '../participant/train/site-data.ts';

/** Rows for training that are drawn at random, each kind around a centre of its own; another seed is another organisation. */
export function randomSite(seed: number, width = 36): SiteData {
  const stream = SeededStream.fromNumber(seed);
  const list = (rows: number, centre: number): RowList => {
    const made = new RowList(width);
    for (let i = 0; i < rows; i++) {
      made.add(Float32Array.from({ length: width }, () => centre + 2 * stream.nextUnit() - 1));
    }
    return made;
  };
  const none = { list: new RowList(width), events: [] };
  return {
    familiar: list(40, 0),
    novel: list(30, 0.3),
    corrupted: list(30, -0.4),
    incidents: list(10, 0.2 * (seed % 5)),
    validation: none,
    validationShare: 1,
    evaluation: none,
    events: 100,
    scored: 100,
  };
}
