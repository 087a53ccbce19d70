/** What Wallet accepts as the images of a storeCard pass, checked from the PNG headers alone. */

type ImageRule = { width: number; height: number; isExact: boolean };

/** Points at scale 1. The strip and a poster's artwork must fit exactly; the others may be smaller. */
const imageRules = new Map<string, ImageRule>([
  ['icon', { width: 38, height: 38, isExact: false }],
  ['logo', { width: 160, height: 50, isExact: false }],
  ['strip', { width: 375, height: 144, isExact: true }],
  ['artwork', { width: 358, height: 448, isExact: true }],
  ['primaryLogo', { width: 126, height: 30, isExact: false }],
]);

const imageBytesMax = 200 * 1024;
const passBytesMax = 500 * 1024;
const pngMagic = Buffer.from('89504e470d0a1a0a', 'hex');
const namePattern = /^([a-zA-Z]+)(?:@([23])x)?\.png$/;

/** Everything wrong with a set of images (rules P29 to P31); empty when a pass may carry them. */
export function passImageProblems(images: Readonly<Record<string, Buffer>>): string[] {
  const names = new Set(Object.keys(images));
  const problems = ['icon.png', 'icon@2x.png', 'icon@3x.png']
    .filter((name) => !names.has(name))
    .map((name) => `P29: ${name} is missing`);
  for (const [name, data] of Object.entries(images)) problems.push(...imageProblems(name, data, images));
  const bytes = Object.values(images).reduce((sum, data) => sum + data.length, 0);
  if (bytes > passBytesMax) problems.push(`P31: images weigh ${bytes} bytes together`);
  return problems;
}

function imageProblems(name: string, data: Buffer, images: Readonly<Record<string, Buffer>>): string[] {
  const [, kind = '', scaleText = '1'] = namePattern.exec(name) ?? [];
  const rule = imageRules.get(kind);
  if (!rule) return [`P30: ${name} is not an image of a store card or a poster`];
  if (data.length > imageBytesMax) return [`P31: ${name} weighs ${data.length} bytes`];
  const size = pngSize(data);
  if (!size) return [`P30: ${name} is not a PNG`];
  const scale = Number(scaleText);
  if (!fits(size, rule, scale)) {
    const allowed = `${rule.width * scale}×${rule.height * scale}`;
    return [`P30: ${name} is ${size.width}×${size.height}, allowed ${allowed}`];
  }
  const base = pngSize(images[`${kind}.png`] ?? Buffer.alloc(0));
  return base && isMultiple(size, base, scale) ? [] : [`P30: ${name} is not ${scale} times ${kind}.png`];
}

type Size = { width: number; height: number };

function isMultiple(size: Size, base: Size, scale: number): boolean {
  return size.width === base.width * scale && size.height === base.height * scale;
}

function fits(size: Size, rule: ImageRule, scale: number): boolean {
  const [width, height] = [rule.width * scale, rule.height * scale];
  return rule.isExact ? size.width === width && size.height === height : size.width <= width && size.height <= height;
}

/** Width and height from the header of a PNG; null when it is none. */
export function pngSize(data: Buffer): Size | null {
  if (data.length < 33 || !data.subarray(0, 8).equals(pngMagic)) return null;
  if (data.toString('latin1', 12, 16) !== 'IHDR') return null;
  return { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
}
