package roadpulse.job;

import java.util.List;

/** The properties cannot be used; the message names every fault. */
final class InvalidOptionsException extends RuntimeException {

  InvalidOptionsException(List<String> faults) {
    super(String.join(System.lineSeparator(), faults));
  }
}
