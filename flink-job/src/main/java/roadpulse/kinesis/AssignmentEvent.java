package roadpulse.kinesis;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Enumerator to reader: what became of the assignment.
 *
 * @param complete every part of the stream is in the hands of a reader: watermarks may flow
 * @param nothingForYou no shard is meant for this reader: it may call itself idle
 * @param released ended shards whose children are registered: their watermarks may be dropped
 */
record AssignmentEvent(boolean complete, boolean nothingForYou, List<String> released)
    implements SourceEvent {}
