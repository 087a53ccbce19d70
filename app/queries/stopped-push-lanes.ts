/** Lanes to Apple whose certificate is refused: while one is stopped, phones with its passes hear of no change. */
import { listStoppedLanes, type StoppedLane } from '#app/data/system/push-lanes.ts';

/** All stopped lanes, longest first. For operators: a merchant is shown only those of their own passes. */
export function stoppedPushLanes(): Promise<StoppedLane[]> {
  return listStoppedLanes();
}
