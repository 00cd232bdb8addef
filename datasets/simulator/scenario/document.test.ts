import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures/collect.ts';
import { PRESETS } from '../options.ts';
import { simulate } from '../simulate.ts';
import { BUILT_IN } from './builtin/index.ts';
import { HARD_NEGATIVES } from './hard-negative-names.ts';
import { parseScenario } from './read-scenario.ts';
import { Scenario } from './schema.ts';

const text = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8');

/** Names of the fields of a schema, at every depth. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema && schema.properties;
  const names = typeof own === 'object' && own !== null ? Object.keys(own) : [];
  return [...names, ...Object.values(schema).flatMap(fieldsOf)];
}

describe('docs/scenarios.md', () => {
  it('names every field, every kind of hard negative and every built-in scenario', () => {
    const fields = new Set(fieldsOf(Scenario));
    expect(fields).toContain('gapSeconds');
    expect(fields).toContain('pauseHours');
    const named = new Set(
      [...text.matchAll(/`([\w.-]+)`/g)].flatMap(([, name = '']) => [name, ...name.split('.')]),
    );
    expect([...fields, ...HARD_NEGATIVES, ...BUILT_IN].filter((name) => !named.has(name))).toEqual([]);
  });

  it('has an example that is played, its kill chain as the text says', async () => {
    const example = /```yaml\n([^]*?)```/.exec(text)?.[1] ?? '';
    const scenarios = [parseScenario(example, 'docs/scenarios.md')];
    using folder = temporaryFolder();
    const { campaigns } = await simulate({ ...PRESETS.small, scenarios }, folder.path('a'));
    expect(campaigns.test).toBe(5);
    const truth: unknown = JSON.parse(readFileSync(folder.path('a/truth/campaigns.json'), 'utf8'));
    const steps = new Set(JSON.stringify(truth).match(/"step":"\w+"/g));
    expect([...steps].toSorted()).toEqual(
      ['entry', 'impact', 'pivot', 'reuse', 'theft'].map((step) => `"step":"${step}"`),
    );
  });
});
