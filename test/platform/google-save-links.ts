/** What Google does when a shopper opens a save link. */
import type { KeyObject } from 'node:crypto';
import { jwtVerify, type JWTPayload } from 'jose';

import { bodyProblems, isClassThere, isResource, type Resource } from '#test/platform/google-rules.ts';

export type LinkReader = {
  publicKey: KeyObject;
  clientEmail: string;
  issuerId: string;
  classes: Map<string, Resource>;
  objects: Map<string, Resource>;
};

const tokenLengthMax = 1_800;

/** Opens a link; an object that it brings along is made when it is new. Throws for whatever Google would refuse. */
export async function openSaveLink(
  reader: LinkReader,
  link: string,
): Promise<{ objects: Resource[]; claims: JWTPayload }> {
  const [, token = ''] = /^https:\/\/pay\.google\.com\/gp\/v\/save\/(.+)$/.exec(link) ?? [];
  if (token.length > tokenLengthMax) throw new Error('the save link is too long');
  const { payload } = await jwtVerify(token, reader.publicKey, {
    audience: 'google',
    issuer: reader.clientEmail,
    algorithms: ['RS256'],
  });
  if (payload['typ'] !== 'savetowallet') throw new Error('the save link has a wrong type');
  const content = payload['payload'];
  const listed = isResource(content) && Array.isArray(content['loyaltyObjects']) ? content['loyaltyObjects'] : [];
  const objects = listed.map((entry: unknown) => savedObject(reader, entry));
  if (objects.length === 0) throw new Error('the save link names no object');
  return { objects, claims: payload };
}

/** What was there before is not changed by what a link brings along. */
function savedObject({ issuerId, classes, objects }: LinkReader, entry: unknown): Resource {
  const id = isResource(entry) ? String(entry['id']) : '';
  const known = objects.get(id);
  if (known !== undefined) return known;
  if (!isResource(entry) || Object.keys(entry).length === 1)
    throw new Error('the save link names an object that does not exist');
  const problems = bodyProblems(issuerId, { kind: 'Object', method: 'POST', body: entry });
  if (!isClassThere(classes, entry)) problems.push('classId: no such class');
  if (problems.length > 0) throw new Error(`the save link brings a bad object along: ${problems.join('; ')}`);
  objects.set(id, entry);
  return entry;
}
