package roadpulse.kinesis;

import java.util.Set;

/**
 * What the enumerator has to remember. Which shards are being read is in the readers' state, and
 * they report it after a restart.
 *
 * @param streamName whose shards these are; null in state of version 1, which did not say
 * @param finished shards that were read to their end and let go, as long as Kinesis lists them
 */
record KinesisStreamsSourceEnumeratorState(String streamName, Set<String> finished) {}
