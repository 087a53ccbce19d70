/**
 * Writes pass.json, with the card package's own validation as the last word. That validation looks at names, types and
 * enumerations, so documents of one shape share one verdict; what depends on values is checked for every pass by
 * `applePassProblems`, which is stricter.
 */
import { PKPass } from 'passkit-generator';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { invariant } from '#app/lib/errors.ts';

/** Far more shapes than the product has; the memory is simply started anew when it is reached. */
const shapesMax = 1_000;
const approvedShapes = new Set<string>();

/** The bytes of pass.json. Equal passes give equal bytes. A document that the card package would change is our bug. */
export function writePassDocument(passJson: ApplePass): Buffer {
  const text = JSON.stringify(passJson);
  const shape = shapeOf(passJson);
  if (!approvedShapes.has(shape)) {
    const { props } = new PKPass({ 'pass.json': Buffer.from(text) });
    invariant(JSON.stringify(props) === text, 'the card package keeps pass.json as it was written');
    if (approvedShapes.size >= shapesMax) approvedShapes.clear();
    approvedShapes.add(shape);
  }
  return Buffer.from(text);
}

/** Names and types without the values; Apple's enumerations (`PK…`) count as part of the shape. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shapeOf).join()}]`;
  if (typeof value === 'string') return value.startsWith('PK') ? value : 's';
  if (typeof value !== 'object' || value === null) return typeof value;
  let shape = '{';
  for (const [key, member] of Object.entries(value)) shape += `${key}:${shapeOf(member)};`;
  return `${shape}}`;
}
