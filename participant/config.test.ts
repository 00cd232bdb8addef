import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadParticipantConfig } from './config.ts';
import { DEFAULT_POLICY } from './federation/site-policy.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const CONFIG = {
  member: 'acme',
  coordinator: 'http://127.0.0.1:7411',
  key: 'key.pem',
  roster: 'roster.json',
  state: 'state',
  telemetry: { events: 'logs', incidents: null, trainUntil: null },
  seed: 1,
  recordVectors: false,
  policy: DEFAULT_POLICY,
};

async function load(config: object) {
  const path = join(folder, 'acme.yaml');
  await writeFile(path, stringify(config));
  return loadParticipantConfig(path);
}

describe('a participant configuration', () => {
  it('has its paths relative to the file', async () => {
    const found = await load(CONFIG);
    expect(found).toMatchObject({
      key: join(folder, 'key.pem'),
      telemetry: { events: join(folder, 'logs') },
    });
  });

  it('with a misspelt field names that one and the right spelling, not the one that is missing for it', async () => {
    const { telemetry, policy, ...rest } = CONFIG;
    const cases = [
      [{ ...rest, policy, telemtry: telemetry }, 'telemtry; did you mean telemetry?'],
      [
        { ...rest, policy, telemetry: { event: 'logs', trainUntil: null } },
        'telemetry.event; did you mean events?',
      ],
      [
        { ...rest, telemetry, policy: { ...policy, leastCohort: undefined, leastCohrot: 3 } },
        'policy.leastCohrot; did you mean leastCohort?',
      ],
    ] as const;
    for (const [config, field] of cases) {
      await expect(load(config)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        got: `a field that is not known: ${field}`,
      });
    }
  });
});

describe('docs/guides/live.md', () => {
  const guide = new URL('../docs/guides/live.md', import.meta.url);
  const examples = async () =>
    [...(await readFile(guide, 'utf8')).matchAll(/```yaml\n([^]*?)```/g)].map(
      ([, text = '']) => parse(text) as { live: object },
    );

  it('begins with a whole configuration that follows logs, and trains as a site does by default', async () => {
    const [whole = {}] = await examples();
    const { telemetry, live, policy } = await load(whole);
    expect(telemetry.watch).toBe('/var/log/collected');
    expect(live?.checkpointSeconds).toBe(60);
    expect({ ...policy, audit: true }).toEqual(DEFAULT_POLICY);
  });

  it('goes on with what is to be added for events over HTTP', async () => {
    const [whole, http, ...more] = await examples();
    const { live } = await load({ ...whole, live: { ...whole?.live, ...http?.live } });
    expect(live).toMatchObject({ listen: { port: 9464 }, tokenFile: join(folder, 'token'), metrics: true });
    expect(more).toEqual([]);
  });
});
