import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RecentText } from './recent-text.ts';

it('a text that is written over leaves nothing of a longer one before, and another process reads it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-recent-'));
  try {
    const path = join(folder, 'recent.json');
    const text = new RecentText(path);
    expect(await text.read()).toBeNull();
    text.write('x'.repeat(128));
    text.write('short');
    expect(await new RecentText(path).read()).toBe('short');
    expect((await readFile(path)).length).toBe(128);
  } finally {
    await rm(folder, { recursive: true });
  }
});
