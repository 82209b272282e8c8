package roadpulse.kinesis;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.flink.util.FlinkRuntimeException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/**
 * The stream does not exist, or a shard of it that was to be read. No restart brings it back, so
 * Flink is told to try none.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
final class MissingStreamException extends FlinkRuntimeException {

  MissingStreamException(String stream, ResourceNotFoundException cause) {
    super(
        "the stream %s does not exist here, or has lost a shard: correct its name or region; if it was deleted, make it anew, and if it is the one that is read, let the source begin anew too (another uid, allow non-restored state)"
            .formatted(stream),
        cause);
  }
}
