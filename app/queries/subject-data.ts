/** Everything held about a person, as one document they can keep, read by machines, or hand to somebody else. */
import { collectPersonalData, findSubjectMembers } from '#app/data/members/data-subjects.ts';
import { readMember, readMembers } from '#app/data/members/members.ts';
import { allIdsOf } from '#app/data/members/merged-customers.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { portableDocument, subjectCsv, type SubjectDocument } from '#app/domain/privacy/subject-document.ts';

/**
 * The document of one member: of all they are in this shop, programs and earlier cards included, and of nobody else. Throws
 * `NotFound` for a member that is unknown or erased.
 */
export async function subjectData(shopId: ShopId, memberId: string): Promise<SubjectDocument> {
  return withShop(shopId, async (tx) => {
    const member = await readMember(tx, memberId);
    if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    const subject = { customerId: null, email: null, phone: null, orderIds: [], memberIds: [member.memberId] };
    const memberIds = await findSubjectMembers(tx, subject);
    const members = await readMembers(tx, memberIds);
    const customerIds = await allIdsOf(tx, members.flatMap(({ shopifyCustomerId }) => shopifyCustomerId ?? [])); // prettier-ignore
    const { name, domain } = await readShop(tx);
    const data = await collectPersonalData(tx, memberIds, customerIds);
    return portableDocument({ shop: { name, domain }, at: now(), data });
  });
}

/** The same document as a table: a line for each single fact, safe to open in a spreadsheet. Throws as `subjectData` does. */
export async function subjectDataCsv(shopId: ShopId, memberId: string): Promise<string> {
  return subjectCsv(await subjectData(shopId, memberId));
}
