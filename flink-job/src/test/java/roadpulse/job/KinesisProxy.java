package roadpulse.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands between the job and Kinesis, on a free port: what passes, and how, is a test's to say. */
final class KinesisProxy implements AutoCloseable {

  /** What the job asks for; the body as in the API reference. */
  record Call(String operation, ObjectNode body, Headers headers) {

    Call with(ObjectNode otherBody) {
      return new Call(operation, otherBody, headers);
    }
  }

  record Answer(int status, JsonNode body) {

    static Answer error(int status, String code) {
      ObjectNode body = JSON.createObjectNode();
      return new Answer(status, body.put("__type", code).put("message", "on purpose"));
    }
  }

  /** The Kinesis behind the proxy. */
  interface Kinesis {
    Answer answer(Call call) throws IOException, InterruptedException;
  }

  /** Null for an answer: the connection is closed without one. */
  interface Behaviour {
    Answer answer(Call call, Kinesis kinesis) throws IOException, InterruptedException;
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI kinesis;
  private final Behaviour behaviour;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final HttpServer server;
  final String endpoint;

  KinesisProxy(String kinesis, Behaviour behaviour) throws IOException {
    this.kinesis = URI.create(kinesis);
    this.behaviour = behaviour;
    InetAddress loopback = InetAddress.getLoopbackAddress();
    server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(executor);
    server.start();
    endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getRequestHeaders();
      String target = headers.getFirst("X-Amz-Target");
      String operation = target.substring(target.indexOf('.') + 1);
      ObjectNode body = (ObjectNode) JSON.readTree(exchange.getRequestBody());
      Answer answer = behaviour.answer(new Call(operation, body, headers), this::forward);
      if (answer == null) return;
      byte[] bytes = JSON.writeValueAsBytes(answer.body());
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private Answer forward(Call call) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(kinesis)
            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(call.body())));
    for (String name : new String[] {"Content-Type", "X-Amz-Target", "X-Amz-Date", "Authorization"})
      request.header(name, call.headers().getFirst(name));
    HttpResponse<byte[]> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
