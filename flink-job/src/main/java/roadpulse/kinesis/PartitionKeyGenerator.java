package roadpulse.kinesis;

import java.io.Serializable;
import java.util.function.Function;

/** Gives the partition key of an element: what has the same key keeps its shard. */
@FunctionalInterface
public interface PartitionKeyGenerator<T> extends Function<T, String>, Serializable {}
