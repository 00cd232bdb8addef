/** A parsed JSON object. */
export type Fields = Record<string, unknown>;

/** Whether a JSON value is an object, and no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object in a field, or one without fields. */
export function object(of: Fields, name: string): Fields {
  const value = of[name];
  return isFields(value) ? value : {};
}

/** The objects of a list in a field; whatever else stands in it is left out. */
export function objects(of: Fields, name: string): Fields[] {
  const value = of[name];
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** A field as text; '' where it is missing or no scalar. */
export function text(of: Fields, name: string): string {
  const value = of[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** A field as an integer, written as a number or as digits; null for anything else. */
export function integer(of: Fields, name: string): number | null {
  const value = of[name];
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

/** A field as a finite amount of at least 0, or null. */
export function amount(of: Fields, name: string): number | null {
  const value = of[name];
  const number = typeof value === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}
