package roadpulse.kinesis;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.util.FlinkRuntimeException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** Turns an element into the entry of a PutRecords request. */
final class KinesisStreamsSinkElementConverter<T>
    implements ElementConverter<T, PutRecordsRequestEntry> {

  private final SerializationSchema<T> schema;
  private final PartitionKeyGenerator<T> partitionKeys;

  KinesisStreamsSinkElementConverter(
      SerializationSchema<T> schema, PartitionKeyGenerator<T> partitionKeys) {
    this.schema = schema;
    this.partitionKeys = partitionKeys;
  }

  @Override
  public void open(WriterInitContext context) {
    try {
      schema.open(context.asSerializationSchemaInitializationContext());
    } catch (Exception e) {
      throw new FlinkRuntimeException("the serialization schema cannot be opened", e);
    }
  }

  @Override
  public PutRecordsRequestEntry apply(T element, SinkWriter.Context context) {
    return PutRecordsRequestEntry.builder()
        .data(SdkBytes.fromByteArrayUnsafe(schema.serialize(element)))
        .partitionKey(partitionKeys.apply(element))
        .build();
  }
}
