import { basename, join } from 'node:path';
import type { Logger } from 'pino';
import { toCordonError } from '../../protocol/errors.ts';
import { type Model, readModel } from '../models/model-file.ts';
import { MODELS_FOLDER, versionsIn } from '../models/version-store.ts';
import type { ScoringModel } from './scoring-model.ts';

/** The model of a file. @throws CordonError as `readModel` */
export async function modelOfFile(path: string): Promise<ScoringModel> {
  return scoring(await readModel(path), basename(path));
}

/** The newest model of a participant's own that can be read; null before its first run is over. */
export async function newestModel(state: string, logger: Logger): Promise<ScoringModel | null> {
  const { stored } = await versionsIn(join(state, MODELS_FOLDER));
  for (const { path, version } of stored.toReversed()) {
    try {
      const { origin } = version;
      return scoring(await readModel(path), origin.kind === 'federation' ? origin.run : version.id);
    } catch (error) {
      logger.warn({ ...toCordonError(error).toWire() }, 'a model cannot be read; the one before it is taken');
    }
  }
  return null;
}

function scoring({ version, weights }: Model, from: string): ScoringModel {
  return { from, hash: version.modelHash, architecture: version.architecture, weights };
}
