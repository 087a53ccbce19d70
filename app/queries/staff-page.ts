/** Who may do what in a shop: its people, how others come in, and the reviews of it. */
import { type AccessSettings, readAccessSettings } from '#app/data/access/access-settings.ts';
import { listStaff, type NamedStaff } from '#app/data/access/staff.ts';
import { type AccessReview, listAccessReviews } from '#app/data/access/staff-records.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { csvLine } from '#app/lib/csv.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type StaffPage = {
  people: (NamedStaff & { isExpired: boolean; isPinForgotten: boolean })[];
  settings: AccessSettings;
  reviews: AccessReview[];
  /** Whether nobody has looked through the list for a quarter of a year. */
  isReviewDue: boolean;
};

const reviewsShown = 8;
const quarterMs = 92 * 24 * 60 * 60_000;

/** Everything the Staff page shows. */
export async function staffPage(shopId: ShopId): Promise<StaffPage> {
  const at = now();
  return withShop(shopId, async (tx) => {
    const reviews = await listAccessReviews(tx, reviewsShown);
    const [newest] = reviews;
    return {
      people: (await listStaff(tx)).map((staff) => ({
        ...staff,
        isExpired: staff.expiresAt !== null && staff.expiresAt <= at,
        isPinForgotten: staff.pinResetAt !== null && staff.pinResetAt <= at,
      })),
      settings: await readAccessSettings(tx),
      reviews,
      isReviewDue: newest === undefined || at.getTime() - newest.signedAt.getTime() >= quarterMs,
    };
  });
}

/** The same as CSV for an access review: who has which role, since when, and last use. Names are not part of it. */
export async function accessReviewCsv(shopId: ShopId): Promise<string> {
  const people = await withShop(shopId, listStaff);
  const header = ['Shopify user', 'Role', 'Locations', 'Locked out', 'Ends', 'Has a PIN', 'Added', 'Added by', 'Last use']; // prettier-ignore
  const lines = people.map((staff) =>
    csvLine([
      staff.userId,
      staff.role,
      staff.locations === null ? 'everywhere' : staff.locations.join(' '),
      staff.isLocked ? 'yes' : 'no',
      staff.expiresAt?.toISOString() ?? '',
      staff.hasPin ? 'yes' : 'no',
      staff.createdAt.toISOString(),
      staff.addedBy,
      staff.lastSeenAt?.toISOString() ?? '',
    ]),
  );
  return [csvLine(header), ...lines].join('');
}
