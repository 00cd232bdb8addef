import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadCoordinatorConfig } from './config.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(host: string, more: object = {}) {
  const path = join(folder, 'coordinator.yaml');
  const listen = { host, port: 7411 };
  const rest = { state: 'state', key: 'key.pem', roster: 'roster.json', operators: [] };
  await writeFile(path, stringify({ listen, ...rest, ...more }));
  return loadCoordinatorConfig(path);
}

describe('a misspelt field', () => {
  it('is named with the right spelling, not the one that is missing for it', async () => {
    await expect(load('127.0.0.1', { roster: undefined, rooster: 'roster.json' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      got: 'a field that is not known: rooster; did you mean roster?',
    });
    await expect(load('127.0.0.1', { insecureTransprt: true })).rejects.toMatchObject({
      got: 'a field that is not known: insecureTransprt; did you mean insecureTransport?',
    });
  });
});

describe('where the coordinator listens', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('%s is this machine alone', async (host) => {
    const config = await load(host);
    expect(config.listen.host).toBe(host);
    expect(config.state).toBe(join(folder, 'state'));
  });

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.0.0.1.example.org',
    'localhost.example.org',
    '1270.0.0.1',
    '::ffff:10.0.0.1',
  ])('%s is refused unless the configuration says that the line is protected otherwise', async (host) => {
    const refusal = {
      code: 'CONFIG_INVALID',
      got: host,
      next: 'put it behind a tunnel and say insecureTransport: true',
    };
    await expect(load(host)).rejects.toMatchObject(refusal);
    await expect(load(host, { insecureTransport: false })).rejects.toMatchObject(refusal);
    expect((await load(host, { insecureTransport: true })).listen.host).toBe(host);
  });

  it('the word must be a boolean', async () => {
    await expect(load('0.0.0.0', { insecureTransport: 'yes' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
