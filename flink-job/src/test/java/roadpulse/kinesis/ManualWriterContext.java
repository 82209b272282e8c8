package roadpulse.kinesis;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.flink.util.function.ThrowingRunnable;

/** A sink writer's surroundings in virtual time: who waits for a mail lets time pass. */
final class ManualWriterContext implements WriterInitContext, MailboxExecutor {

  /** Longer than any back-off: a writer that waits for longer waits for ever. */
  private static final long STANDS_STILL_MS = 60_000;

  private final ManualTime time;
  private final Queue<ThrowingRunnable<? extends Exception>> mails = new ArrayDeque<>();
  private final SinkWriterMetricGroup metrics =
      InternalSinkWriterMetricGroup.wrap(
          UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup());

  ManualWriterContext(ManualTime time) {
    this.time = time;
  }

  /** Lets time pass; the task handles its mails in between. */
  void run(Duration duration) {
    for (long passed = 0; passed < duration.toMillis(); passed++) {
      time.advance(Duration.ofMillis(1));
      while (tryYield()) {
        // Until nothing is left.
      }
    }
  }

  @Override
  public MailboxExecutor getMailboxExecutor() {
    return this;
  }

  @Override
  public ProcessingTimeService getProcessingTimeService() {
    return new ProcessingTimeService() {
      @Override
      public long getCurrentProcessingTime() {
        return time.millis();
      }

      @Override
      public ScheduledFuture<?> registerTimer(long at, ProcessingTimeCallback callback) {
        return time.executor()
            .schedule(
                () -> {
                  mails.add(() -> callback.onProcessingTime(at));
                },
                at - time.millis(),
                TimeUnit.MILLISECONDS);
      }
    };
  }

  @Override
  public SinkWriterMetricGroup metricGroup() {
    return metrics;
  }

  @Override
  public void execute(
      MailOptions options,
      ThrowingRunnable<? extends Exception> command,
      String description,
      Object... arguments) {
    mails.add(command);
  }

  @Override
  public void yield() {
    for (long waited = 0; !tryYield(); waited++) {
      if (waited > STANDS_STILL_MS) throw new IllegalStateException("the writer stands still");
      time.advance(Duration.ofMillis(1));
    }
  }

  @Override
  public boolean tryYield() {
    ThrowingRunnable<? extends Exception> mail = mails.poll();
    if (mail == null) return false;
    try {
      mail.run();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new FlinkRuntimeException(e);
    }
    return true;
  }

  @Override
  public boolean shouldInterrupt() {
    return false;
  }

  /** The tests' schemas need none. */
  @Override
  public SerializationSchema.InitializationContext asSerializationSchemaInitializationContext() {
    return null;
  }

  @Override
  public OptionalLong getRestoredCheckpointId() {
    throw new UnsupportedOperationException();
  }

  @Override
  public JobInfo getJobInfo() {
    throw new UnsupportedOperationException();
  }

  @Override
  public TaskInfo getTaskInfo() {
    throw new UnsupportedOperationException();
  }

  @Override
  public UserCodeClassLoader getUserCodeClassLoader() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isObjectReuseEnabled() {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> TypeSerializer<T> createInputSerializer() {
    throw new UnsupportedOperationException();
  }
}
