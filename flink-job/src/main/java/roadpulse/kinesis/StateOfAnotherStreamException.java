package roadpulse.kinesis;

import org.apache.flink.util.FlinkRuntimeException;

/**
 * The checkpoint was taken while another stream was read. Shards of all streams are named alike, so
 * its positions would be taken for this stream's.
 */
final class StateOfAnotherStreamException extends FlinkRuntimeException {

  StateOfAnotherStreamException(String stream, String wanted) {
    super(
        "the state is of the stream %s, and the job is told to read %s: name the stream that it read before, or give the source another uid and let it begin anew (allow non-restored state)"
            .formatted(stream, wanted));
  }
}
