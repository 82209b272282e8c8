package roadpulse.kinesis;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A clock that a test moves, and an executor that runs what falls due on the test's own thread. */
final class ManualTime extends Clock {

  private record Task(long dueAt, long order, Runnable action) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::dueAt).thenComparingLong(Task::order));
  private long now;
  private long order;

  ManualTime(long now) {
    this.now = now;
  }

  /** Runs everything that falls due on the way, each at its own time. */
  void advance(Duration by) {
    long end = now + by.toMillis();
    while (!tasks.isEmpty() && tasks.peek().dueAt() <= end) {
      Task task = tasks.poll();
      now = Math.max(now, task.dueAt());
      task.action().run();
    }
    now = end;
  }

  void schedule(Runnable action, long delayMs) {
    tasks.add(new Task(now + delayMs, order++, action));
  }

  ScheduledExecutorService executor() {
    return new Executor(() -> 0);
  }

  /** An executor with as many threads as there is work, which begin when they like. */
  ScheduledExecutorService executor(LongSupplier startsAfterMs) {
    return new Executor(startsAfterMs);
  }

  @Override
  public long millis() {
    return now;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(now);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }

  private final class Executor extends AbstractExecutorService implements ScheduledExecutorService {

    private final LongSupplier startsAfterMs;
    private boolean shutDown;

    Executor(LongSupplier startsAfterMs) {
      this.startsAfterMs = startsAfterMs;
    }

    @Override
    public void execute(Runnable command) {
      schedule(command, startsAfterMs.getAsLong(), TimeUnit.MILLISECONDS);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      Scheduled<?> future =
          new Scheduled<>(
              () -> {
                if (!shutDown) command.run();
                return null;
              });
      ManualTime.this.schedule(future, unit.toMillis(delay));
      return future;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable command, long initialDelay, long period, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable command, long initialDelay, long delay, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {
      shutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutDown = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutDown;
    }

    @Override
    public boolean isTerminated() {
      return shutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private static final class Scheduled<V> extends FutureTask<V> implements ScheduledFuture<V> {

    Scheduled(Callable<V> callable) {
      super(callable);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return 0;
    }

    @Override
    public int compareTo(Delayed other) {
      return 0;
    }
  }
}
