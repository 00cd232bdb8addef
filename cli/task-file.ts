import { readFile } from 'node:fs/promises';
import Type from 'typebox';
import { parseConfig } from '../protocol/codec/config-text.ts';
import { toCordonError } from '../protocol/errors.ts';
import { TASK_KINDS, type Task } from '../protocol/task.ts';

const AnyTask = Type.Object({
  kind: Type.Union([Type.Literal('train-edge-scorer'), Type.Literal('count-sketch')]),
});

/**
 * A task file, by the schema of its kind, so that an error names the field.
 * @throws CordonError CONFIG_INVALID, DATA_NOT_FOUND
 */
export async function readTask(path: string): Promise<Task> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toCordonError(error);
  });
  const { kind } = parseConfig(AnyTask, text, `task ${path}`);
  return parseConfig(TASK_KINDS[kind], text, `task ${path}`);
}
