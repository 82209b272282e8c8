package roadpulse.kinesis;

import java.util.List;

/**
 * A shard as ListShards shows it.
 *
 * @param parentIds the shard that it was split from, or the two that it was merged from; also when
 *     they are not listed any more
 */
record ListedShard(String shardId, List<String> parentIds, HashRange range) {}
