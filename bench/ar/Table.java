import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// Mean and standard deviation over seeds of what `bench/ar/experiments` measured, an arm a row. An arm is compared with
/// the flat one at the same seeds: differences are paired, and "steps to flat" is the first step, as a share of the
/// budget, at which its comparable loss on held-out pictures is as low as flat's at the end.
public final class Table {
    private static final String FLAT = "flat";
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Run(JsonNode row, JsonNode measures) {
        double told(String name) {
            return row.path("told").path(name).asDouble();
        }

        double drawn(String name) {
            return row.path("drawn").path(0).path(name).asDouble();
        }
    }

    private Table() {}

    public static void main(String... arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Map<String, Map<Integer, Run>> arms = new LinkedHashMap<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(f -> f.getFileName().toString().matches(".*-\\d+\\.json"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString().replace(".json", "");
            int dash = name.lastIndexOf('-');
            JsonNode row = JSON.readTree(file.toFile()).path("models").path(0);
            JsonNode measures = JSON.readTree(folder.resolve(name).resolve("measures.json").toFile());
            arms.computeIfAbsent(name.substring(0, dash), _ -> new TreeMap<>())
                    .put(Integer.parseInt(name.substring(dash + 1)), new Run(row, measures));
        }
        System.out.println("| arm | seeds | parameters | loss of tokens | of codes | of codes, frequent | to flat | entropy"
                + " | right | right, noisy | FD | FD to flat | steps to flat |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        Map<Integer, Run> flat = arms.getOrDefault(FLAT, Map.of());
        arms.forEach((arm, runs) -> System.out.println(line(arm, runs, flat)));
    }

    private static String line(String arm, Map<Integer, Run> runs, Map<Integer, Run> flat) {
        List<String> cells = new ArrayList<>(List.of(
                arm,
                String.valueOf(runs.size()),
                String.valueOf(runs.values().iterator().next().row().path("parameters").asLong()),
                mean(runs, 4, r -> r.told("loss")),
                mean(runs, 4, r -> r.told("codeLoss")),
                mean(runs, 4, r -> r.told("codeLossFrequent")),
                paired(runs, flat, 4, r -> r.told("codeLossFrequent")),
                mean(runs, 4, r -> r.told("entropy")),
                mean(runs, 4, r -> r.told("correct")),
                mean(runs, 4, r -> r.told("correctNoisy")),
                mean(runs, 2, r -> r.drawn("mobileNetV2Block9Fd")),
                paired(runs, flat, 2, r -> r.drawn("mobileNetV2Block9Fd")),
                crossing(runs, flat)));
        return "| " + String.join(" | ", cells) + " |";
    }

    private static String mean(Map<Integer, Run> runs, int digits, Function<Run, Double> value) {
        return statistics(runs.values().stream().map(value).toList(), digits, false);
    }

    private static String paired(
            Map<Integer, Run> runs, Map<Integer, Run> flat, int digits, Function<Run, Double> value) {
        List<Double> differences = new ArrayList<>();
        runs.forEach((seed, run) -> {
            Run other = flat.get(seed);
            if (other != null && other != run) {
                differences.add(value.apply(run) - value.apply(other));
            }
        });
        return statistics(differences, digits, true);
    }

    private static String statistics(List<Double> values, int digits, boolean signed) {
        if (values.isEmpty()) {
            return "";
        }
        double mean = values.stream().mapToDouble(d -> d).average().orElseThrow();
        double squares = values.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum();
        String form = "%" + (signed ? "+" : "") + "." + digits + "f";
        return values.size() < 2
                ? String.format(Locale.ROOT, form, mean)
                : String.format(
                        Locale.ROOT, form + " ± %." + digits + "f", mean, Math.sqrt(squares / (values.size() - 1)));
    }

    private static String crossing(Map<Integer, Run> runs, Map<Integer, Run> flat) {
        List<Double> shares = new ArrayList<>();
        int never = 0;
        for (Map.Entry<Integer, Run> entry : runs.entrySet()) {
            Run other = flat.get(entry.getKey());
            if (other == null) {
                continue;
            }
            JsonNode end = other.measures().path("lines").path(other.measures().path("lines").size() - 1);
            double goal = end.path("values").path("codeLossFrequent").asDouble();
            double step = 0;
            double before = Double.NaN;
            double beforeStep = 0;
            for (JsonNode line : entry.getValue().measures().path("lines")) {
                double loss = line.path("values").path("codeLossFrequent").asDouble();
                double here = line.path("step").asDouble();
                if (loss <= goal) {
                    double part = Double.isNaN(before) ? 1 : (before - goal) / (before - loss);
                    step = beforeStep + part * (here - beforeStep);
                    break;
                }
                before = loss;
                beforeStep = here;
            }
            if (step == 0) {
                never++;
            } else {
                shares.add(100 * step / end.path("step").asDouble());
            }
        }
        String reached = statistics(shares, 0, false);
        return reached + (reached.isEmpty() ? "" : " %") + (never == 0 ? "" : " (" + never + " never)");
    }
}
