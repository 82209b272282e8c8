package roadpulse.kinesis;

import org.apache.flink.util.FlinkRuntimeException;

/** The stream exists, and we may not read it. */
final class StreamUnreadableException extends FlinkRuntimeException {

  StreamUnreadableException(String stream, Throwable cause) {
    super("the shards of %s cannot be listed".formatted(stream), cause);
  }
}
