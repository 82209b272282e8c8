package roadpulse.kinesis;

import java.io.IOException;

/** The rule of all state here: every version up to the one that is written can be read. */
final class StateVersions {

  private StateVersions() {}

  /** Throws on state of a later program, before its bytes are taken for something else. */
  static void requireKnown(String what, int version, int newest) throws IOException {
    if (version >= 1 && version <= newest) return;
    throw new IOException(
        "%s of version %s cannot be read, this program knows versions up to %s: start the program that wrote the checkpoint, or a later one"
            .formatted(what, version, newest));
  }
}
