/** Checks bodies against the types Google publishes: unknown names and wrong types are found, as the real API would. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

type Shape = { kind: 'reference'; name: string } | { kind: 'plain'; type: string } | { kind: 'any' };
type Property = Shape & { isList: boolean };
type Schemas = Map<string, Map<string, Property>>;

const plainTypes = new Set(['string', 'number', 'boolean']);
let cached: Schemas | undefined;

/** What is wrong with a body of the named schema, such as `LoyaltyObject`; empty when Google would take it. */
export function googleSchemaProblems(name: string, body: unknown): string[] {
  cached ??= readSchemas();
  return objectProblems({ schemas: cached, name, value: body, at: name });
}

function readSchemas(): Schemas {
  const file = createRequire(import.meta.url).resolve('@googleapis/walletobjects/build/v1.d.ts');
  const schemas: Schemas = new Map();
  for (const [, name = '', body = ''] of readFileSync(file, 'utf8').matchAll(
    /export interface Schema\$(\w+) \{\n([\s\S]*?)^ {4}\}/gm,
  )) {
    const properties = new Map<string, Property>();
    for (const [, key = '', type = ''] of body.replaceAll(/\/\*\*[\s\S]*?\*\//g, '').matchAll(/^\s*(\w+)\?: (.+);$/gm))
      properties.set(key, propertyOf(type.replaceAll(' | null', '').trim()));
    schemas.set(name, properties);
  }
  return schemas;
}

function propertyOf(type: string): Property {
  const isList = type.endsWith('[]');
  const element = isList ? type.slice(0, -2) : type;
  if (element.startsWith('Schema$')) return { kind: 'reference', name: element.slice('Schema$'.length), isList };
  return plainTypes.has(element) ? { kind: 'plain', type: element, isList } : { kind: 'any', isList };
}

type Check = { schemas: Schemas; name: string; value: unknown; at: string };

function objectProblems({ schemas, name, value, at }: Check): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: must be an object`];
  const properties = schemas.get(name);
  if (!properties) return [`${at}: no schema named ${name}`];
  return Object.entries(value).flatMap(([key, member]) => {
    const property = properties.get(key);
    if (!property) return [`${at}.${key}: unknown name`];
    return memberProblems(schemas, property, { value: member, at: `${at}.${key}` });
  });
}

function memberProblems(schemas: Schemas, property: Property, member: { value: unknown; at: string }): string[] {
  const { value, at } = member;
  if (value === null) return [];
  if (property.isList) {
    if (!Array.isArray(value)) return [`${at}: must be a list`];
    return value.flatMap((element: unknown, index) =>
      memberProblems(schemas, { ...property, isList: false }, { value: element, at: `${at}[${index}]` }),
    );
  }
  if (property.kind === 'reference') return objectProblems({ schemas, name: property.name, value, at });
  if (property.kind === 'plain' && typeof value !== property.type) return [`${at}: must be a ${property.type}`];
  return [];
}
