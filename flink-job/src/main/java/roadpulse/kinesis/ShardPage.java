package roadpulse.kinesis;

import java.util.List;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * What one read of a shard brought.
 *
 * @param sentAt epoch ms by our clock at which the read was sent
 * @param atTip nothing came and nothing was left to come
 * @param ended the shard is closed and this was its last page
 */
record ShardPage(
    String shardId,
    List<Record> records,
    long sentAt,
    long millisBehindLatest,
    boolean atTip,
    boolean ended) {}
