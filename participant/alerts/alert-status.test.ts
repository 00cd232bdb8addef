import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { type AlertStatus, STATUS_FILE, readStatus, writeStatus } from './alert-status.ts';

it('how alerts stand is read as it was written, or not at all', async () => {
  using folder = temporaryFolder();
  expect(await readStatus(folder.root)).toBeNull();
  const status: AlertStatus = {
    at: 5,
    raising: true,
    model: { from: 'run-1', hash: 'ab', features: 'edge-v1' },
    threshold: -1.5,
    perDay: 0.5,
    days: 14,
    withheld: { 'suppression-0123456789abcdef': { events: 3, last: 9 } },
  };
  await writeStatus(folder.root, status);
  expect(await readStatus(folder.root)).toEqual(status);
  for (const text of ['', '{', '[]', '{"at":1}']) {
    writeFileSync(folder.path(STATUS_FILE), text);
    expect(await readStatus(folder.root)).toBeNull();
  }
});
