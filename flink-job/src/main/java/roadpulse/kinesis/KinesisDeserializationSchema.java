package roadpulse.kinesis;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.util.Collector;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Turns a record into elements of the stream. As the official connector has it: the record brings
 * its sequence number, partition key and arrival time.
 */
public interface KinesisDeserializationSchema<T> extends Serializable, ResultTypeQueryable<T> {

  void deserialize(Record record, String stream, String shardId, Collector<T> output)
      throws IOException;
}
