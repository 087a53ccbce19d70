/** Shops that are installed without a browser, in the system that the environment names; it must be there when this loads. */
import { addShop, type AddedShop } from '#app/flows/shops/add-shop.ts';
import { authorizeShop } from '#app/flows/shops/install-shop.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { env } from '#app/lib/env.ts';
import { mintSessionToken } from '#test/platform/session-token.ts';

/** As a merchant who opens the app would, so that rewards can be carried by discount codes. */
async function authorize({ shopId, shopDomain }: AddedShop): Promise<void> {
  const { SHOPIFY_API_KEY: apiKey, SHOPIFY_API_SECRET: secrets, PLATFORM_URL: platformUrl } = env();
  if (platformUrl === undefined) return;
  try {
    const sessionToken = await mintSessionToken({ apiKey, apiSecret: secrets[0] ?? '' }, shopDomain);
    await authorizeShop({ shopId, shopDomain, sessionToken });
  } catch {
    process.stderr.write(`${platformUrl} gave no access token: discount codes cannot be made for this shop.\n`);
  }
}

/** Opens the system, and answers with what adds one shop; a known one is found again. */
export async function openToShops(): Promise<(domain: string) => Promise<AddedShop>> {
  await openSystem({ databaseUrl: process.env['DATABASE_URL'] ?? '', role: 'stampwell_web', connectionsMax: 2 });
  return async (domain) => {
    const added = await addShop({ domain });
    await authorize(added);
    return added;
  };
}
