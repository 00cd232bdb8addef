import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  TEMPORARY_SUFFIX,
  createFile,
  syncDirectory,
  writeDurably,
} from '../../crypto/identity/durable-file.ts';
import { type Output, denseNetwork } from '../../models/export/dense-network.ts';
import { onnxModel } from '../../models/export/onnx.ts';
import { TFJS_WEIGHTS, tfjsModel } from '../../models/export/tfjs.ts';
import { CordonError } from '../../protocol/errors.ts';
import { type Model, writeModel } from './model-file.ts';

/** What a model can be written as: its own file, a folder for TensorFlow.js, or a file of ONNX. */
export const EXPORT_FORMATS = ['cordon', 'tfjs', 'onnx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * Writes a model for this or other tools, whole or not at all. What other tools are told beside the network: id, hash and
 * feature set, by whose columns the rows must be made.
 * @param output of the formats of other tools; our own has no choice
 * @throws CordonError OUTPUT_EXISTS
 */
export async function exportModel(
  model: Model,
  format: ExportFormat,
  output: Output,
  out: string,
): Promise<void> {
  if ((await stat(out).catch(() => null)) !== null) {
    throw new CordonError('OUTPUT_EXISTS', {
      expected: `a ${format === 'tfjs' ? 'folder' : 'file'} that is not there yet`,
      got: out,
      next: 'name another one, or remove this one',
    });
  }
  if (format === 'cordon') return writeModel(out, model);
  const { version, weights } = model;
  const { id, modelHash, architecture } = version;
  const network = denseNetwork(architecture, output);
  const facts = { model: id, modelHash, features: architecture.features, output };
  if (format === 'onnx') {
    const metadata = Object.fromEntries(
      Object.entries(facts).map(([key, value]) => [`cordon.${key}`, value]),
    );
    return writePieces(out, onnxModel(network, weights, metadata));
  }
  const files = tfjsModel(network, weights, { cordon: facts });
  await writeFolder(out, { [TFJS_WEIGHTS]: files.weights, 'model.json': files.json });
}

async function writePieces(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const file = await createFile(dirname(path));
  try {
    for (const piece of pieces) await file.write(piece);
    await file.seal(path, true);
  } finally {
    await file.discard();
  }
}

/** A folder with all of its files, or none. */
async function writeFolder(out: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  const temporary = `${out.replace(/[/\\]+$/, '')}.${randomUUID()}${TEMPORARY_SUFFIX}`;
  await mkdir(temporary, { mode: 0o700 });
  try {
    for (const [name, content] of Object.entries(files)) await writeDurably(join(temporary, name), content);
    await rename(temporary, out);
    await syncDirectory(dirname(out));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}
