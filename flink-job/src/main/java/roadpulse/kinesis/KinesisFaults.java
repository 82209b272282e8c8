package roadpulse.kinesis;

import java.io.IOException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.model.ExpiredNextTokenException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;

/**
 * Which faults pass by themselves. All others are fatal: a stream that is gone does not come back.
 */
final class KinesisFaults {

  /** Codes without a class of their own that every AWS service may answer with. */
  private static final Set<String> TRANSIENT_CODES =
      Set.of("InternalFailure", "ServiceUnavailable", "ThrottlingException", "RequestTimeout");

  private KinesisFaults() {}

  static boolean isTransient(Throwable fault) {
    if (fault instanceof ProvisionedThroughputExceededException
        || fault instanceof LimitExceededException
        || fault instanceof KmsThrottlingException
        // The stream is being created; one that is being deleted is not found soon.
        || fault instanceof ResourceInUseException
        // Listing took longer than its token lasts: it begins again.
        || fault instanceof ExpiredNextTokenException
        // The service took longer than we wait. The SDK does not call that retryable.
        || fault instanceof ApiCallAttemptTimeoutException) {
      return true;
    }
    if (fault instanceof AwsServiceException answer) {
      return answer.statusCode() >= 500
          || answer.isThrottlingException()
          || (answer.awsErrorDetails() != null
              && TRANSIENT_CODES.contains(answer.awsErrorDetails().errorCode()));
    }
    // No answer: the connection was refused, reset or timed out. Missing credentials are not that.
    return fault instanceof SdkClientException local
        && (local.retryable() || hasCause(local, IOException.class));
  }

  private static boolean hasCause(Throwable fault, Class<? extends Throwable> type) {
    for (Throwable cause = fault.getCause(); cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) return true;
    }
    return false;
  }
}
