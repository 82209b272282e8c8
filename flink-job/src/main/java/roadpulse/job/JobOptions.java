package roadpulse.job;

import java.time.Duration;

/**
 * What the job is told, from the property group {@value #GROUP}.
 *
 * @param kinesisEndpoint null for the region's own
 * @param lateness B: how long after its event time an event may arrive and be on time
 * @param tipSlack how long after its arrival a record may stay invisible to reads
 * @param dedup H: how long what was seen is remembered
 * @param sourceShare the part of stream 1's read limits that is ours; Firehose has the rest
 */
record JobOptions(
    String rawStream,
    String processedStream,
    String region,
    String kinesisEndpoint,
    Duration lateness,
    Duration tipSlack,
    Duration dedup,
    double sourceShare) {

  static final String GROUP = "Roadpulse";

  static JobOptions read(PropertyGroup group) {
    return new JobOptions(
        group.text("raw.stream"),
        group.text("processed.stream"),
        group.text("aws.region"),
        group.textOr("kinesis.endpoint", null),
        Duration.ofSeconds(group.integer("lateness.seconds", 30, 1, 3_600)),
        Duration.ofSeconds(group.integer("tip.slack.seconds", 10, 0, 600)),
        Duration.ofHours(group.integer("dedup.hours", 24, 1, 24 * 365)),
        group.decimal("source.share", 0.8, 0.01, 1));
  }
}
