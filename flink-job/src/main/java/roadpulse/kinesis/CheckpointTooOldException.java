package roadpulse.kinesis;

import org.apache.flink.util.FlinkRuntimeException;

/**
 * Records expired before they were read. To go on from the oldest record that is left would lose
 * them without a word, so the job stops here until somebody decides.
 */
final class CheckpointTooOldException extends FlinkRuntimeException {

  CheckpointTooOldException(String message) {
    super(message);
  }
}
