package roadpulse.kinesis;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Hands pages from the pollers' threads to the task's thread. It needs no bound of its own: a
 * poller hands over one page and waits until it is taken.
 */
final class PageQueue implements ShardPoller.Pages {

  private final Queue<ShardPage> pages = new ArrayDeque<>();
  private FlinkRuntimeException fault;
  private CompletableFuture<Void> available = new CompletableFuture<>();

  @Override
  public synchronized void hand(ShardPage page) {
    pages.add(page);
    available.complete(null);
  }

  @Override
  public synchronized void fail(String shardId, Throwable cause) {
    if (fault == null) fault = new FlinkRuntimeException(shardId + " cannot be read", cause);
    available.complete(null);
  }

  /** Makes the task's thread look again, though no page came. */
  synchronized void wake() {
    available.complete(null);
  }

  /** The next page, or null when there is none; what a poller died of is thrown. */
  synchronized ShardPage poll() {
    if (fault != null) throw fault;
    ShardPage page = pages.poll();
    if (page == null && available.isDone()) available = new CompletableFuture<>();
    return page;
  }

  /** Done when it is worth calling {@link #poll()}. */
  synchronized CompletableFuture<Void> available() {
    return available;
  }
}
