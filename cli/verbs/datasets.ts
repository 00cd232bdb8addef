import { inspectDataset } from '../../datasets/inspect.ts';
import { renderInspection } from '../../datasets/inspect-text.ts';
import { type JsonOption, print } from '../output.ts';

export async function datasetsInspect(path: string, options: JsonOption): Promise<void> {
  const inspection = await inspectDataset(path);
  print(options.json === true, inspection, () => renderInspection(inspection));
}
