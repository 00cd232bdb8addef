import { readFileSync } from 'node:fs';
import { IsObject, IsUnion, type TObject } from 'typebox';
import { describe, expect, it } from 'vitest';
import { CoordinatorConfig } from '../../coordinator/config.ts';
import { ExperimentFile } from '../../experiments/experiment/schema.ts';
import { ParticipantConfig } from '../../participant/config.ts';
import { CountSketchTask, TrainTask } from '../../protocol/task.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

/** Names of the leaves of an object's schema, with those of the objects around them, as far as these are not described whole. */
function fields(schema: TObject, rows: readonly string[], around = ''): string[] {
  return Object.entries(schema.properties).flatMap(([name, inner]) => {
    // Of several kinds of an object, every field of each.
    const kinds = IsUnion(inner) ? inner.anyOf : [inner];
    const field = `${around}${name}`;
    if (!kinds.every((kind) => IsObject(kind)) || (kinds.length > 1 && isDescribed(field, rows)))
      return [field];
    return [...new Set(kinds.flatMap((kind) => fields(kind, rows, `${field}.`)))];
  });
}

/** Rows name a field in full, or, after another one of the same object, by its last part. */
const isDescribed = (field: string, rows: readonly string[]): boolean =>
  rows.some((row) => {
    const [, cell = ''] = row.split('|');
    return cell.includes(`\`${field}\``) || cell.includes(`\`${field.split('.').at(-1)}\``);
  });

describe('docs/configuration.md', () => {
  it.each([
    ['Coordinator', CoordinatorConfig],
    ['Participant', ParticipantConfig],
    ['Task', TrainTask],
    ['Sketch task', CountSketchTask],
    ['Experiment', ExperimentFile],
  ] as const)('describes every field of %s', (heading, schema) => {
    const section = page.split('\n## ').find((one) => one.startsWith(heading)) ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('|'));
    const all = fields(schema, rows);
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter((field) => !isDescribed(field, rows))).toEqual([]);
  });
});
