import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A school's own system in Java, with nothing but the JDK, written from docs/api.md: one school prepares a
 * dossier, another orders it, polls, reads and answers. Prints what it did, a line for each step.
 *
 * Arguments: the address of the API, the token and the routing id of the sending school; the same of the
 * receiving one; the file of the dossier; the folder for what comes.
 */
public class LasClient {
    private final String api;
    private final String token;
    private final String account;
    private final HttpClient http = HttpClient.newHttpClient();

    LasClient(String api, String token, String account) {
        this.api = api;
        this.token = token;
        this.account = account;
    }

    public static void main(String[] given) throws Exception {
        LasClient po = new LasClient(given[0], given[1], "jan@regenboog.example");
        LasClient vo = new LasClient(given[3], given[4], "els@horizon.example");
        po.prepare(given[2], "P 1", Path.of(given[6]), Path.of(given[7]));
        String order = vo.order(given[5]);
        vo.takeOver(order, Path.of(given[7]));
        vo.isRefused(given[2]);
    }

    /** Puts a dossier, shows it to the parents, records their inzage, and makes it ready. */
    void prepare(String school, String pupil, Path dossier, Path folder) throws Exception {
        String path = "/dossiers/" + school + "/" + encoded(pupil);
        Map<String, Object> put = json(send("PUT", path, "application/xml", BodyPublishers.ofFile(dossier)));
        say("put", put.get("state"), put.get("version"));
        Files.write(folder.resolve("inzage.html"), body(send("GET", path + "/content?form=html", null, null)));
        Object seen = get(path).get("controlegetal");
        Map<String, Object> inzage = new LinkedHashMap<>();
        inzage.put("on", "2025-03-12");
        inzage.put("akkoord", "Nee");
        inzage.put("reason", "De naam van de \"peuterspeelzaal\" klopt niet.");
        inzage.put("controlegetal", seen);
        say("inzage", post(path + "/inzage", inzage).get("state"));
        say("ready", post(path + "/ready", Map.of("schools", List.of("99BB"))).get("state"));
        Files.write(folder.resolve("sent.xml"), body(send("GET", path + "/content", null, null)));
    }

    /** Orders the dossier, twice with one key as after a broken connection, and waits until it is done. */
    String order(String school) throws Exception {
        Map<String, Object> pupil = new LinkedHashMap<>();
        pupil.put("pgn", "123456782");
        pupil.put("surname", "Proefleerling");
        pupil.put("birth_date", "2013-05-31");
        pupil.put("bron_brin", "99AA");
        pupil.put("reference", "intake-1");
        Map<String, Object> orders = Map.of("administration", school, "orders", List.of(pupil));
        String key = UUID.randomUUID().toString();
        Object job = post("/orders", orders, key).get("id");
        say("ordered", job.equals(post("/orders", orders, key).get("id")));
        while (!"klaar".equals(get("/jobs/" + job).get("state"))) {
            Thread.sleep(200);
        }
        Object order = items("/jobs/" + job + "/items").get(0).get("subject");
        Map<String, Object> done = get("/orders/" + order);
        say("done", done.get("result"), done.get("text"));
        return (String) order;
    }

    /** Polls for what waits, reads it, leaves it for later, and accepts it. */
    void takeOver(String order, Path folder) throws Exception {
        List<Map<String, Object>> waiting = items("/received?state=wacht");
        Map<String, Object> came = waiting.get(0);
        say("waits", waiting.size(), order.equals(came.get("order")), came.get("reference"));
        String path = "/received/" + came.get("id");
        Files.write(folder.resolve("received.xml"), body(send("GET", path + "/content", null, null)));
        Map<String, Object> dossier = get(path + "/content?form=json");
        Map<?, ?> pupil = (Map<?, ?>) ((Map<?, ?>) dossier.get("huidigeschool")).get("leerling");
        say("reads", pupil.get("achternaam"));
        Map<String, Object> reason = Map.of("reason", "Nog niet ingeschreven: \u00e9\u00e9n dag later.");
        Map<String, Object> later = post(path + "/postpone", reason);
        say("postponed", later.get("state"), later.get("reason"));
        say("accepted", post(path + "/accept", Map.of("categories", List.of())).get("state"));
        say("waits", items("/received?state=wacht").size());
    }

    /** What is of another school is not there, and the refusal says so as problem+json. */
    void isRefused(String school) throws Exception {
        HttpResponse<byte[]> no = send("GET", "/administrations/" + school, null, null);
        String kind = no.headers().firstValue("Content-Type").orElse("");
        say("refused", no.statusCode(), kind, json(no).get("title"));
    }

    Map<String, Object> get(String path) throws Exception {
        return json(succeeded(send("GET", path, null, null)));
    }

    Map<String, Object> post(String path, Map<String, Object> content) throws Exception {
        return post(path, content, UUID.randomUUID().toString());
    }

    Map<String, Object> post(String path, Map<String, Object> content, String key) throws Exception {
        BodyPublisher body = BodyPublishers.ofString(Json.write(content));
        return json(succeeded(send("POST", path, "application/json", body, "Idempotency-Key", key)));
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> items(String path) throws Exception {
        return (List<Map<String, Object>>) (List<?>) (List<Object>) get(path).get("items");
    }

    HttpResponse<byte[]> send(String method, String path, String kind, BodyPublisher body, String... more)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api + path))
            .method(method, body == null ? BodyPublishers.noBody() : body)
            .header("Authorization", "Bearer " + token)
            .header("X-OSO-Account", account);
        if (kind != null) {
            request.header("Content-Type", kind);
        }
        if (more.length > 0) {
            request.headers(more);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    static HttpResponse<byte[]> succeeded(HttpResponse<byte[]> response) {
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(new String(response.body(), StandardCharsets.UTF_8));
        }
        return response;
    }

    static byte[] body(HttpResponse<byte[]> response) {
        return succeeded(response).body();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> json(HttpResponse<byte[]> response) {
        return (Map<String, Object>) new Json(new String(response.body(), StandardCharsets.UTF_8)).read();
    }

    static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static void say(String step, Object... what) {
        StringBuilder line = new StringBuilder(step).append(':');
        for (Object each : what) {
            line.append(' ').append(each);
        }
        System.out.println(line);
    }

    /** JSON as maps, lists, texts, numbers, booleans and null: as much as this API needs. */
    static class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object read() {
            switch (next()) {
                case '{':
                    return object();
                case '[':
                    return array();
                case '"':
                    return string();
                default:
                    return literal();
            }
        }

        private Map<String, Object> object() {
            Map<String, Object> found = new LinkedHashMap<>();
            at++;
            while (next() != '}') {
                String name = string();
                next();
                at++;
                found.put(name, read());
                comma();
            }
            at++;
            return found;
        }

        private List<Object> array() {
            List<Object> found = new ArrayList<>();
            at++;
            while (next() != ']') {
                found.add(read());
                comma();
            }
            at++;
            return found;
        }

        private String string() {
            StringBuilder found = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char sign = text.charAt(at);
                if (sign != '\\') {
                    found.append(sign);
                    continue;
                }
                sign = text.charAt(++at);
                int plain = "bfnrt".indexOf(sign);
                if (sign == 'u') {
                    found.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    found.append(plain < 0 ? sign : "\b\f\n\r\t".charAt(plain));
                }
            }
            at++;
            return found.toString();
        }

        private Object literal() {
            int start = at;
            while (at < text.length() && ",]} \n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(start, at);
            switch (word) {
                case "null":
                    return null;
                case "true":
                case "false":
                    return Boolean.valueOf(word);
                default:
                    return word;
            }
        }

        private char next() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private void comma() {
            if (next() == ',') {
                at++;
            }
        }

        static String write(Object value) {
            if (value instanceof Map) {
                List<String> parts = new ArrayList<>();
                ((Map<?, ?>) value).forEach((name, each) -> parts.add(write(name) + ":" + write(each)));
                return "{" + String.join(",", parts) + "}";
            }
            if (value instanceof List) {
                List<String> parts = new ArrayList<>();
                ((List<?>) value).forEach(each -> parts.add(write(each)));
                return "[" + String.join(",", parts) + "]";
            }
            if (value instanceof String) {
                return "\"" + ((String) value).replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
            }
            return String.valueOf(value);
        }
    }
}
