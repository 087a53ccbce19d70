/** A lane's own connections to PostgreSQL. */
import { openQueueConnections, type QueueConnections } from '#app/data/system/queue-connections.ts';

/** Opens up to `connectionsMax` connections for one queue. */
export function connectQueue(databaseUrl: string, connectionsMax: number): QueueConnections {
  return openQueueConnections(databaseUrl, connectionsMax);
}
