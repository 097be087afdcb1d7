package org.vortexel.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.vortexel.data.CompositionalPrompt.Kind;
import org.vortexel.data.Scenes.Relation;
import org.vortexel.data.Scenes.Thing;
import org.vortexel.tensor.Philox;

/// Prompts in the words of an emoji folder's captions that put parts together, half of them as the
/// training split does, half as it never does.
///
/// | kind      | parts                                      | never seen                                          |
/// |-----------|--------------------------------------------|-----------------------------------------------------|
/// | `OBJECTS` | two things, one relation of [Scenes]       | the pair is held out of every scene                 |
/// | `COLOUR`  | a colour, a thing that comes in colours    | no training caption of the style has both           |
/// | `PERSON`  | role, skin tone, hair                      | no training caption of the style has all three      |
/// | `STYLE`   | a thing, a style                           | held out: the thing is seen in other styles alone   |
/// | `OPEN`    | a thing that comes in skin tones, no tone  | none of them: half as many prompts                  |
///
/// The same folder, choice and seed give the same prompts.
public final class CompositionalPrompts {
    private static final int DRAWS = 200_000;
    private static final int LONGEST = 3;
    private static final double HALF = 0.5;

    private static final List<Relation> RELATIONS = List.of(Relation.LEFT, Relation.ABOVE, Relation.BIGGER);
    private static final List<String> TONES = List.of("light", "medium-light", "medium", "medium-dark", "dark");
    private static final List<String> HAIR = List.of("red hair", "blond hair", "white hair", "curly hair", "bald");
    private static final List<String> PLAIN_ROLES = List.of("man", "woman", "person");
    private static final Pattern COLOURED =
            Pattern.compile("(" + String.join("|", Attribute.COLOURS) + ") ([\\p{L}-]+(?: [\\p{L}-]+)?)");
    private static final Pattern PERSON =
            Pattern.compile("((?:man|woman|person)(?: [^:,]+)?): (?:" + String.join("|", TONES) + ") skin tone.*");

    /// What prompts are wanted.
    ///
    /// @param styles some of the folder's
    /// @param skinTones whether prompts may name skin tones, and so people
    /// @param things how many different things stand in scenes, as in [Scenes#build], or all where
    /// there are fewer
    /// @param each prompts of each kind; fewer where the folder does not give as many
    /// @param seed chooses
    public record Choice(List<String> styles, boolean skinTones, int things, int each, long seed) {
        private static final int MOST = 10_000;

        public Choice {
            styles = List.copyOf(styles);
            if (things < 2 || each < 1 || things > MOST || each > MOST) {
                throw new IllegalArgumentException("prompts want from 2 to " + MOST + " things and from 1 to " + MOST
                        + " prompts of each kind, not " + things + " and " + each);
            }
        }
    }

    private final ImageFolder folder;
    private final Choice choice;
    private final List<String> styles;
    private final Set<String> trained;

    private CompositionalPrompts(ImageFolder folder, Choice choice) {
        this.folder = folder;
        this.choice = choice;
        List<String> all =
                folder.entries().stream().map(Entry::style).distinct().toList();
        this.styles = choice.styles().isEmpty() ? all : choice.styles();
        if (!all.containsAll(styles)) {
            throw new IllegalArgumentException(
                    "prompts in the styles " + styles + " were asked for, but there are " + all);
        }
        this.trained = folder.entries().stream()
                .filter(entry -> entry.split().equals("train"))
                .map(Entry::caption)
                .collect(Collectors.toSet());
    }

    /// The prompts of a choice, kind after kind, seen ones first.
    ///
    /// @param folder emoji, as [EmojiBuilder] makes them
    /// @throws IllegalArgumentException when the folder lacks a style, or gives no prompt at all
    public static List<CompositionalPrompt> of(ImageFolder folder, Choice choice) {
        CompositionalPrompts prompts = new CompositionalPrompts(folder, choice);
        List<CompositionalPrompt> all = Stream.of(
                        prompts.chosen(1, prompts.objects()),
                        prompts.chosen(2, prompts.colours()),
                        choice.skinTones() ? prompts.chosen(3, prompts.people()) : List.<CompositionalPrompt>of(),
                        prompts.chosen(4, prompts.things()),
                        choice.skinTones() ? prompts.chosen(5, prompts.open()) : List.<CompositionalPrompt>of())
                .flatMap(List::stream)
                .toList();
        if (all.isEmpty()) {
            throw new IllegalArgumentException("the folder's captions give no compositional prompts");
        }
        return all;
    }

    /// Draws until half of the prompts are seen and half are not, or that seems to be hopeless.
    ///
    /// @param stream of the seed
    /// @param draw a prompt by chance; none where chance has hit on nothing
    private List<CompositionalPrompt> chosen(long stream, Function<Philox, Optional<CompositionalPrompt>> draw) {
        Map<String, CompositionalPrompt> seen = new TreeMap<>();
        Map<String, CompositionalPrompt> unseen = new TreeMap<>();
        int wantedSeen = (choice.each() + 1) / 2;
        int wantedUnseen = choice.each() / 2;
        for (int i = 0; i < DRAWS && (seen.size() < wantedSeen || unseen.size() < wantedUnseen); i++) {
            draw.apply(new Philox(choice.seed(), (stream << 32) + i)).ifPresent(prompt -> {
                Map<String, CompositionalPrompt> to = prompt.seen() ? seen : unseen;
                if (to.size() < (prompt.seen() ? wantedSeen : wantedUnseen)) {
                    to.put(prompt.caption(), prompt);
                }
            });
        }
        return Stream.concat(seen.values().stream(), unseen.values().stream()).toList();
    }

    private String style(Philox random) {
        return styles.get(random.below(styles.size(), 0));
    }

    private static <T> T one(List<T> from, Philox random, int index) {
        return from.get(random.below(from.size(), index));
    }

    /// The attributes of a prompt in a style; a single style is nothing to be told.
    private Map<Attribute, String> attributes(String style) {
        Map<Attribute, String> attributes = new EnumMap<>(Attribute.class);
        if (!style.isEmpty() && styles.size() > 1) {
            attributes.put(Attribute.STYLE, style);
        }
        return attributes;
    }

    private Function<Philox, Optional<CompositionalPrompt>> objects() {
        List<Thing> all = Scenes.things(folder, 1);
        List<Thing> things = all.subList(0, Math.min(choice.things(), all.size()));
        return random -> {
            if (things.size() < LONGEST) {
                return Optional.empty();
            }
            Relation relation = one(RELATIONS, random, 1);
            Thing a = one(things, random, 2);
            Thing b = one(things, random, 3);
            Thing other = one(things, random, 4);
            if (new HashSet<>(List.of(a.name(), b.name(), other.name())).size() < LONGEST) {
                return Optional.empty();
            }
            List<String> foils = new ArrayList<>();
            foils.add(relation.caption(List.of(b, a)));
            foils.add(relation.caption(List.of(other, b)));
            foils.add(relation.caption(List.of(a, other)));
            RELATIONS.stream().filter(r -> r != relation).forEach(r -> foils.add(r.caption(List.of(a, b))));
            String style = style(random);
            return Optional.of(new CompositionalPrompt(
                    Kind.OBJECTS,
                    relation.caption(List.of(a, b)),
                    style,
                    !Scenes.heldOut(a.base(), b.base()),
                    attributes(style),
                    foils));
        };
    }

    private Function<Philox, Optional<CompositionalPrompt>> colours() {
        Map<String, Set<String>> coloursOf = new TreeMap<>();
        Set<String> texts = new HashSet<>();
        for (Entry entry : folder.entries()) {
            texts.add(entry.text());
            Matcher matcher = COLOURED.matcher(entry.text());
            if (matcher.matches() && entry.split().equals("train")) {
                coloursOf
                        .computeIfAbsent(matcher.group(2), _ -> new TreeSet<>())
                        .add(matcher.group(1));
            }
        }
        // things that come in several colours, or in one and in none
        List<String> things = coloursOf.keySet().stream()
                .filter(thing -> texts.contains(thing)
                        || coloursOf.getOrDefault(thing, Set.of()).size() > 1)
                .toList();
        return random -> {
            if (things.isEmpty()) {
                return Optional.empty();
            }
            String style = style(random);
            String thing = one(things, random, 1);
            String colour = one(Attribute.COLOURS, random, 2);
            String text = colour + " " + thing;
            Map<Attribute, String> attributes = attributes(style);
            attributes.put(Attribute.COLOUR, colour);
            Set<String> foils = new LinkedHashSet<>();
            for (int i = 0; foils.size() < LONGEST; i++) {
                String other = one(Attribute.COLOURS, random, 3 + i);
                if (!other.equals(colour)) {
                    foils.add(other + " " + thing);
                }
            }
            return Optional.of(new CompositionalPrompt(
                    Kind.COLOUR, text, style, isTrained(text, style), attributes, List.copyOf(foils)));
        };
    }

    private boolean isTrained(String text, String style) {
        return trained.contains(CaptionFormat.caption(text, style));
    }

    private Function<Philox, Optional<CompositionalPrompt>> people() {
        Set<String> found = new TreeSet<>();
        for (Entry entry : folder.entries()) {
            Matcher matcher = PERSON.matcher(entry.text());
            if (matcher.matches() && entry.split().equals("train")) {
                found.add(matcher.group(1));
            }
        }
        List<String> roles = List.copyOf(found);
        List<String> plain = PLAIN_ROLES.stream().filter(found::contains).toList();
        return random -> {
            if (plain.isEmpty()) {
                return Optional.empty();
            }
            String style = style(random);
            boolean simple = random.uniform(1) < HALF;
            String role = simple ? one(plain, random, 2) : one(roles, random, 2);
            String tone = one(TONES, random, 3);
            String hair = simple || random.uniform(4) < HALF ? one(HAIR, random, 5) : "";
            Map<Attribute, String> attributes = attributes(style);
            attributes.put(Attribute.TONE, tone);
            if (!hair.isEmpty()) {
                attributes.put(Attribute.HAIR, hair.replace(" hair", ""));
            }
            List<String> foils = new ArrayList<>();
            TONES.stream().filter(other -> !other.equals(tone)).forEach(other -> foils.add(person(role, other, hair)));
            HAIR.stream()
                    .filter(other -> !hair.isEmpty() && !other.equals(hair))
                    .forEach(other -> foils.add(person(role, tone, other)));
            String text = person(role, tone, hair);
            return Optional.of(
                    new CompositionalPrompt(Kind.PERSON, text, style, isTrained(text, style), attributes, foils));
        };
    }

    private static String person(String role, String tone, String hair) {
        return role + ": " + tone + " skin tone" + (hair.isEmpty() ? "" : ", " + hair);
    }

    private Function<Philox, Optional<CompositionalPrompt>> things() {
        List<Entry> plain = folder.entries().stream()
                .filter(entry -> styles.contains(entry.style())
                        && entry.tones().isEmpty()
                        && entry.text().split(" ").length <= LONGEST)
                .toList();
        List<Entry> seen =
                plain.stream().filter(entry -> entry.split().equals("train")).toList();
        List<Entry> unseen = plain.stream()
                .filter(entry -> entry.combination().equals("style-object"))
                .toList();
        return random -> {
            List<Entry> from = random.uniform(1) < HALF ? seen : unseen;
            if (from.isEmpty()) {
                return Optional.empty();
            }
            Entry entry = one(from, random, 2);
            Map<Attribute, String> attributes = attributes(entry.style());
            Attribute.GROUP.of(entry).ifPresent(group -> attributes.put(Attribute.GROUP, group));
            List<String> foils = Stream.of(3, 4, 5)
                    .map(index ->
                            one(seen.isEmpty() ? unseen : seen, random, index).text())
                    .filter(text -> !text.equals(entry.text()))
                    .distinct()
                    .toList();
            return Optional.of(new CompositionalPrompt(
                    Kind.STYLE, entry.text(), entry.style(), from.equals(seen), attributes, foils));
        };
    }

    private Function<Philox, Optional<CompositionalPrompt>> open() {
        Set<String> toned = folder.entries().stream()
                .filter(entry -> entry.split().equals("train") && entry.tones().size() == 1)
                .map(entry -> entry.style() + entry.base())
                .collect(Collectors.toSet());
        List<Entry> from = folder.entries().stream()
                .filter(entry -> styles.contains(entry.style())
                        && entry.split().equals("train")
                        && entry.tones().isEmpty()
                        && toned.contains(entry.style() + entry.base()))
                .toList();
        return random -> {
            if (from.isEmpty()) {
                return Optional.empty();
            }
            Entry entry = one(from, random, 2);
            return Optional.of(new CompositionalPrompt(
                    Kind.OPEN, entry.text(), entry.style(), true, attributes(entry.style()), List.of()));
        };
    }
}
