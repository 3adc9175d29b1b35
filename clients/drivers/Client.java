// Plays requests by one of Java's HTTP clients.
// javac -d . Client.java, then java -cp . Client MODE URL USER PASSWORD plays one: the status goes to standard output; the exit
// code is 0 for a 2xx, 1 for any other answer, 2 where there was none. java -cp . Client MODE --plays FILE plays those of a file,
// in which each line is a JSON list of what stands behind MODE, and writes a line for each: `countersign-play NUMBER CODE STATUS`.

import java.io.InputStream;
import java.net.Authenticator;
import java.net.HttpURLConnection;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Client {
    static final Duration PATIENCE = Duration.ofSeconds(10);
    static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    static Authenticator given(String user, String password) {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(user, password.toCharArray());
            }
        };
    }

    static int connection(String url, String user, String password) throws Exception {
        Authenticator.setDefault(given(user, password));
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout((int) PATIENCE.toMillis());
        connection.setReadTimeout((int) PATIENCE.toMillis());
        try {
            int status = connection.getResponseCode();
            InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
            if (body != null) {
                body.readAllBytes();
            }
            return status;
        } finally {
            connection.disconnect();
        }
    }

    static int client(String url, String user, String password, boolean header) throws Exception {
        HttpClient.Builder client =
                HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(PATIENCE);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE);
        if (header) {
            byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
        } else {
            client.authenticator(given(user, password));
        }
        return client.build().send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    /** The exit code, and the status or what went wrong. */
    static String[] play(String mode, List<String> given) {
        try {
            String url = given.get(0), user = given.get(1), password = given.get(2);
            int status = switch (mode) {
                case "huc-auth" -> connection(url, user, password);
                case "jdkhc-auth" -> client(url, user, password, false);
                case "jdkhc-header" -> client(url, user, password, true);
                default -> throw new IllegalArgumentException("there is no mode " + mode);
            };
            return new String[] {status >= 200 && status < 300 ? "0" : "1", Integer.toString(status)};
        } catch (Exception error) {
            return new String[] {"2", error.toString().replaceAll("\\s+", " ")};
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments).subList(1, arguments.length);
        if (given.get(0).equals("--plays")) {
            int number = 0;
            for (String line : Files.readAllLines(Path.of(given.get(1)))) {
                List<String> texts = new ArrayList<>();
                for (Matcher text = TEXT.matcher(line); text.find(); ) {
                    texts.add(text.group(1));
                }
                String[] came = play(arguments[0], texts);
                System.out.println("countersign-play " + number++ + " " + came[0] + " " + came[1]);
            }
            System.exit(0);
        }
        String[] came = play(arguments[0], given);
        (came[0].equals("2") ? System.err : System.out).println(came[1]);
        System.exit(Integer.parseInt(came[0]));
    }
}
