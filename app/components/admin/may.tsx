/** What the person at the screen may do, for every control of the admin. The server asks again, whatever a page shows. */
import { Button, type ButtonProps, Link, Tooltip } from '@shopify/polaris';
import { createContext, useContext } from 'react';
import type { ReactNode } from 'react';

import { roleLabel } from '#app/components/admin/staff/staff-shapes.ts';
import { allows, type Permission, type Role } from '#app/domain/access/permissions.ts';

/** Set once, by the frame of the admin; null where nobody is known. */
export const RoleContext = createContext<Role | null>(null);

type Needs = Permission | readonly Permission[];

/** Whether the role allows this: all of it, where several permissions are needed. */
export function useMay(needs: Needs): boolean {
  const role = useContext(RoleContext);
  return role !== null && [needs].flat().every((permission) => allows(role, permission));
}

/** Why a control is greyed out. */
function useReason(): string {
  const role = useContext(RoleContext);
  return role === null
    ? 'Ask an owner of the shop.'
    : `Your role, ${roleLabel(role)}, does not allow this. Ask an owner.`;
}

type Greyed = { disabled?: boolean; helpText?: ReactNode };

/** For the actions in the header of a page: whoever may not use one sees it greyed out, with the reason. */
export function useGuard(): <Action extends object>(needs: Needs, action: Action) => Action & Greyed {
  const role = useContext(RoleContext);
  const reason = useReason();
  return (needs, action) =>
    role !== null && [needs].flat().every((permission) => allows(role, permission))
      ? action
      : { ...action, disabled: true, helpText: reason };
}

/** A button for those who may; others see it greyed out, with the reason. */
export function GuardedButton({ needs, ...button }: ButtonProps & { needs: Needs }) {
  const may = useMay(needs);
  const reason = useReason();
  if (may) return <Button {...button} />;
  return (
    <Tooltip content={reason}>
      <Button {...button} disabled />
    </Tooltip>
  );
}

/** A link for those whom the page behind it opens for; others read the words. */
export function GuardedLink({ needs, url, children }: { needs: Needs; url: string; children: string | string[] }) {
  return useMay(needs) ? <Link url={url}>{children}</Link> : <>{children}</>;
}

/** Fields that can be read by everybody and changed by those who may. */
export function GuardedFields({ needs, children }: { needs: Needs; children: ReactNode }) {
  return (
    <fieldset className="guarded-fields" disabled={!useMay(needs)}>
      {children}
    </fieldset>
  );
}

/** Said once, above a page that a role can look at but not change. */
export function LookOnlyNote({ needs }: { needs: Permission | null }) {
  const role = useContext(RoleContext);
  if (role === null || needs === null || allows(role, needs)) return null;
  return (
    <p className="look-only" role="note">
      Your role, {roleLabel(role)}, can look at this page but not change it. Ask an owner.
    </p>
  );
}
