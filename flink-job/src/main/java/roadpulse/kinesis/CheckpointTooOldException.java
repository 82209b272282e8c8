package roadpulse.kinesis;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Records expired before they were read. To go on from the oldest record that is left would lose
 * them without a word, so the job stops here until somebody decides. Flink tries no restart.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
final class CheckpointTooOldException extends FlinkRuntimeException {

  CheckpointTooOldException(String stream, String what) {
    super(
        "%s of the stream %s: records are lost to this job. To go on without them, let its source begin anew with the oldest record that is left (another uid, allow non-restored state); to have them again, replay the raw layer"
            .formatted(what, stream));
  }
}
