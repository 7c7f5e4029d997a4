import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Asks for a dossier with nothing but the JDK: prints the resultaat, or the dossier itself. */
public class AskDossier {
    static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
    static final String[] FIELDS = {
        "bronBrin", "bronRouteringsKenmerk", "doelBrin", "doelRouteringsKenmerk",
        "zoeksleutelPgnfrag", "overdrachtsoort", "sessieId"};

    public static void main(String[] arguments) throws Exception {
        Properties given = new Properties();
        try (InputStream input = Files.newInputStream(Path.of(arguments[0]))) {
            given.load(input);
        }
        HttpClient client = HttpClient.newBuilder().sslContext(tls(given)).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(given.getProperty("url")))
            .header("Content-Type", "text/xml; charset=utf-8")
            .header("SOAPAction", "\"\"")
            .POST(HttpRequest.BodyPublishers.ofByteArray(written(envelope(given))))
            .build();
        HttpResponse<byte[]> response =
            client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document answer =
            factory.newDocumentBuilder().parse(new ByteArrayInputStream(response.body()));
        Element result =
            (Element) answer.getElementsByTagNameNS(given.getProperty("ns"), "resultaat").item(0);
        Element dossier = (Element) answer.getElementsByTagNameNS("*", "dossier").item(0);
        if (dossier == null) {
            System.out.print(response.statusCode() + " " + result.getTextContent());
        } else {
            Document alone = factory.newDocumentBuilder().newDocument();
            alone.appendChild(alone.importNode(dossier, true));
            System.out.write(written(alone));
        }
        System.out.flush();
    }

    static SSLContext tls(Properties given) throws Exception {
        char[] password = given.getProperty("password").toCharArray();
        KeyStore own = KeyStore.getInstance(Path.of(given.getProperty("own")).toFile(), password);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, password);
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        try (InputStream input = Files.newInputStream(Path.of(given.getProperty("roots")))) {
            roots.setCertificateEntry(
                "root", CertificateFactory.getInstance("X.509").generateCertificate(input));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    static Document envelope(Properties given) throws Exception {
        String namespace = given.getProperty("ns");
        Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
        Element envelope = document.createElementNS(SOAP, "env:Envelope");
        document.appendChild(envelope);
        Element body = child(envelope, SOAP, "env:Body");
        child(envelope, SOAP, "env:Header");
        envelope.appendChild(body);
        Element message = child(body, namespace, "documentRequest");
        for (String name : FIELDS) {
            Element field = child(message, namespace, name);
            if (name.equals("zoeksleutelPgnfrag")) {
                child(field, namespace, "zoeksleutel")
                    .setTextContent(given.getProperty("zoeksleutel"));
                child(field, namespace, "pgnfrag").setTextContent(given.getProperty("pgnfrag"));
            } else {
                field.setTextContent(given.getProperty(name));
            }
        }
        return document;
    }

    static Element child(Element parent, String namespace, String name) {
        Element element = parent.getOwnerDocument().createElementNS(namespace, name);
        parent.appendChild(element);
        return element;
    }

    static byte[] written(Document document) throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        TransformerFactory.newInstance().newTransformer()
            .transform(new DOMSource(document), new StreamResult(output));
        return output.toByteArray();
    }
}
