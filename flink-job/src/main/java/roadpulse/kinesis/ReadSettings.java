package roadpulse.kinesis;

import java.io.Serializable;
import java.time.Duration;

/**
 * How shards are read.
 *
 * @param lateness B: how long after its event time a record may arrive and still be on time
 * @param tipSlack how much later than its arrival a record may become visible to a read
 * @param share the part of each shard's read limits that is ours, above 0 and at most 1; the rest
 *     belongs to the stream's other readers
 */
record ReadSettings(Duration lateness, Duration tipSlack, double share) implements Serializable {}
