package roadpulse.kinesis;

import java.io.Serializable;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Makes a client where it is used: clients do not travel. */
@FunctionalInterface
interface KinesisClientFactory extends Serializable {
  KinesisClient create();
}
