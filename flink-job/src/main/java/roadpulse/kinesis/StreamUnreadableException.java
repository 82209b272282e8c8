package roadpulse.kinesis;

import org.apache.flink.util.FlinkRuntimeException;

/** The stream does not exist, or we may not read it. */
final class StreamUnreadableException extends FlinkRuntimeException {

  StreamUnreadableException(Throwable cause) {
    super("the stream's shards cannot be listed", cause);
  }
}
