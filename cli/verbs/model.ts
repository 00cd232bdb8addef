import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { EPOCHS_FILE } from '../../participant/federation/epoch-book.ts';
import { EXPORT_FORMATS, exportModel } from '../../participant/models/export-model.ts';
import { findModel, versionsOf } from '../../participant/models/find-model.ts';
import { readModel } from '../../participant/models/model-file.ts';
import { readTfjs } from '../../participant/models/read-tfjs.ts';
import { VersionStore } from '../../participant/models/version-store.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { terminalColumns } from '../fit.ts';
import { versionText, versionsText } from '../model-text.ts';
import { type JsonOption, print } from '../output.ts';
import { usageError } from '../usage.ts';

export interface FromOption extends JsonOption {
  readonly from: string;
}

export interface ModelImportArguments extends JsonOption {
  readonly into: string;
}

export interface ModelExportArguments extends FromOption {
  readonly format: string;
  readonly out: string;
  readonly output: string;
}

/** The versions of a folder, the oldest first. */
export async function modelList(folder: string, { json }: JsonOption): Promise<void> {
  const found = await versionsOf(folder);
  const models = found.stored.map(({ path, version }) => ({ path, ...version }));
  const damaged = found.damaged.map((error) => error.toWire());
  print(json === true, { models, damaged }, () => versionsText(found, terminalColumns(process.stdout)));
  if (damaged.length > 0) process.exitCode = 1;
}

/** All of one version; its weights are compared with their hash. */
export async function modelShow(reference: string, { from, json }: FromOption): Promise<void> {
  const path = await findModel(reference, from);
  const { version } = await readModel(path);
  print(json === true, { path, ...version }, () => versionText(version, path));
}

/** Writes a version for other tools, or as a file of its own. */
export async function modelExport(reference: string, options: ModelExportArguments): Promise<void> {
  const { out, from, json, output } = options;
  const format = EXPORT_FORMATS.find((name) => name === options.format);
  if (format === undefined)
    throw usageError(`--format ${options.format}: none of ${EXPORT_FORMATS.join(', ')}`);
  if (output !== 'logit' && output !== 'probability') {
    throw usageError(`--output ${output}: neither logit nor probability`);
  }
  const path = await findModel(reference, from);
  const model = await readModel(path);
  await exportModel(model, format, output, resolve(out));
  const { id } = model.version;
  print(json === true, { id, format, out: resolve(out) }, () => `${id} as ${format} in ${out}`);
}

/** Takes a model file into a state folder, once every byte of it was compared with a hash. */
export async function modelImport(file: string, { into, json }: ModelImportArguments): Promise<void> {
  await needsState(into);
  const model = await readModel(file);
  const added = await new VersionStore(into).add(model);
  const { id } = model.version;
  print(json === true, { id, added }, () => (added ? `${id} is in ${into} now` : `${id} is there already`));
}

/** Prints what a training task says of a TensorFlow.js model. */
export async function modelImportTfjs(file: string, { json }: JsonOption): Promise<void> {
  const { model, notes } = await readTfjs(file);
  print(json === true, { model, notes }, () => stringify({ model }).trimEnd());
  if (json !== true) for (const note of notes) process.stderr.write(`${note}\n`);
}

/** @throws CordonError DATA_NOT_FOUND: in a misspelt folder nobody would find it */
async function needsState(state: string): Promise<void> {
  await stat(join(state, EPOCHS_FILE)).catch((cause: unknown) => {
    throw new CordonError(
      'DATA_NOT_FOUND',
      {
        expected: `the state folder of a participant at ${state}`,
        got: toCordonError(cause).got,
        next: 'name the folder that is `state` in its configuration; elsewhere a model file needs no import, it is used where it lies',
      },
      { cause },
    );
  });
}
