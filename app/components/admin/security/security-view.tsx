import { BlockStack, Page } from '@shopify/polaris';

import { ControlsCard } from '#app/components/admin/security/controls-card.tsx';
import { DecisionsCard } from '#app/components/admin/security/decisions-card.tsx';
import { DetectorsCard } from '#app/components/admin/security/detectors-card.tsx';
import { PlacesCard } from '#app/components/admin/security/places-card.tsx';
import type {
  CanaryRow,
  ControlRow,
  DecisionRow,
  DetectorRow,
  PlaceRow,
} from '#app/components/admin/security/shapes.ts';
import { TrapsCard } from '#app/components/admin/security/traps-card.tsx';

type Props = {
  controls: ControlRow[];
  decisions: DecisionRow[];
  detectors: DetectorRow[];
  alerts: { url: string | null; email: string | null };
  canaries: CanaryRow[];
  places: PlaceRow[];
  timeZone: string;
  /** Stops and decisions are a manager's; what is watched is an owner's. */
  canContain: boolean;
  canConfigure: boolean;
};

/** What is watched in the shop, what is stopped, and what waits for a person's word. */
export function SecurityView(props: Props) {
  const { controls, decisions, detectors, alerts, canaries, places, timeZone, canContain, canConfigure } = props;
  return (
    <Page
      title="Detectors"
      subtitle="What is watched, what is stopped, and what you decide"
      secondaryActions={[{ content: 'Incidents', url: '/app/incidents' }]}
    >
      <BlockStack gap="400">
        <ControlsCard controls={controls} timeZone={timeZone} canChange={canContain} />
        <DecisionsCard decisions={decisions} timeZone={timeZone} canChange={canContain} />
        <DetectorsCard detectors={detectors} alerts={alerts} canChange={canConfigure} />
        <PlacesCard places={places} canChange={canConfigure} />
        <TrapsCard canaries={canaries} timeZone={timeZone} canChange={canConfigure} />
      </BlockStack>
    </Page>
  );
}
