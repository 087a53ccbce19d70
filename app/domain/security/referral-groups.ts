/** Who brought whom, seen as groups: honest recommendations make many small ones, farms make large ones. */

export type ReferralEdge = { referrerId: string; friendId: string; at: Date };

export type ReferralGroup = {
  /** The one nobody in the group brought; in a circle, the smallest id. */
  root: string;
  size: number;
  /** Whether somebody is, over others, brought by themselves. */
  isCircle: boolean;
  /** When the newest of them was brought. */
  lastAt: Date;
};

/** The groups that referrals tie together, the largest first. */
export function referralGroups(edges: readonly ReferralEdge[]): ReferralGroup[] {
  const parents = new Map<string, string>();
  const find = (member: string): string => {
    let root = member;
    for (let next = parents.get(root); next !== undefined && next !== root; next = parents.get(root)) root = next;
    parents.set(member, root);
    return root;
  };
  for (const { referrerId, friendId } of edges) parents.set(find(referrerId), find(friendId));

  const groups = new Map<string, { members: Set<string>; brought: Set<string>; edges: number; lastAt: Date }>();
  for (const { referrerId, friendId, at } of edges) {
    const key = find(referrerId);
    const group = groups.get(key) ?? { members: new Set(), brought: new Set(), edges: 0, lastAt: at };
    group.members.add(referrerId).add(friendId);
    group.brought.add(friendId);
    group.edges += 1;
    if (at > group.lastAt) group.lastAt = at;
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ members, brought, edges: ties, lastAt }) => {
      const roots = [...members].filter((member) => !brought.has(member)).toSorted();
      const root = roots[0] ?? [...members].toSorted()[0] ?? '';
      // A tree has one tie fewer than members; one more tie closes a circle.
      return { root, size: members.size, isCircle: ties >= members.size, lastAt };
    })
    .toSorted((one, other) => other.size - one.size || one.root.localeCompare(other.root));
}
