package roadpulse.kinesis;

/**
 * What the sink puts into a request and keeps in memory. The defaults are the service's limits for
 * PutRecords, and what fits beside them.
 *
 * @param maxTimeInBufferMs how long an element may wait for others
 */
record PutLimits(
    int maxBatchSize,
    long maxBatchBytes,
    long maxRecordBytes,
    int maxInFlightRequests,
    int maxBufferedRequests,
    long maxTimeInBufferMs) {

  static PutLimits ofService(long maxTimeInBufferMs) {
    return new PutLimits(500, 5 * 1024 * 1024, 1024 * 1024, 8, 10_000, maxTimeInBufferMs);
  }
}
