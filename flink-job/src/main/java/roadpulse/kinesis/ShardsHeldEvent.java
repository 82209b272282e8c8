package roadpulse.kinesis;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Reader to enumerator: all that this reader holds. Sent whenever it changes and again after every
 * restart, so that nothing depends on an event that was under way when a checkpoint was taken.
 *
 * @param reading shards that are being read
 * @param ended shards read to their end, whose watermark the reader keeps until they are released
 */
record ShardsHeldEvent(List<String> reading, List<String> ended) implements SourceEvent {}
