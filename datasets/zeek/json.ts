import { streamOfFields, type ZeekRecord } from './record.ts';

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A row of a JSON log. Dots in names may be underscores (`id_orig_h`) or objects (`id: {orig_h}`); the log's name is
 * `_path` (Zeek, Corelight) or `@stream` (as sent to Kafka), else the fields tell.
 */
export function zeekJsonRecord(json: unknown): ZeekRecord | string {
  if (!isFields(json)) return 'not a JSON object';
  const named = json['_path'] ?? json['@stream'];
  const value = (name: string): unknown => find(json, name);
  return {
    stream:
      typeof named === 'string' && named !== '' ? named : streamOfFields((name) => value(name) !== undefined),
    text: (name) => scalar(value(name)),
    list: (name) => {
      const found = value(name);
      const elements = Array.isArray(found) ? found : [found];
      return elements.map(scalar).filter((text) => text !== '');
    },
  };
}

function find(json: Fields, name: string): unknown {
  const direct = json[name];
  if (direct !== undefined) return direct;
  const dot = name.indexOf('.');
  if (dot < 0)
    return name === 'detailedlabel' ? (json['detailed-label'] ?? json['detailed_label']) : undefined;
  const flat = json[name.replace('.', '_')];
  if (flat !== undefined) return flat;
  const nested = json[name.slice(0, dot)];
  return isFields(nested) ? nested[name.slice(dot + 1)] : undefined;
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
