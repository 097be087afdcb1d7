package org.vortexel.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vortexel.data.EmojiBuilder;
import org.vortexel.data.FashionMnist;
import org.vortexel.data.Photographs;
import org.vortexel.data.Scenes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `vortexel data`: the commands that make data sets.
@Command(
        name = "data",
        description = "Make data sets.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DataCommand.Build.class,
            DataCommand.Fashion.class,
            DataCommand.Photos.class,
            DataCommand.Composed.class
        },
        synopsisSubcommandLabel = "build|fashion-mnist|photographs|scenes")
final class DataCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Override
    public Integer call() {
        return console.usage();
    }

    /// `vortexel data build --out DIR [--size 64]`.
    @Command(
            name = "build",
            description = "Fetch emoji and their captions with the npm client, and draw them as an image folder.",
            mixinStandardHelpOptions = true)
    static final class Build implements Callable<Integer> {
        private static final int MOST_PIXELS = 1024;

        @Mixin
        private Console console = new Console();

        @Option(names = "--out", required = true, description = "folder of the data set")
        private Path out = Path.of("datasets");

        @Option(names = "--size", description = "side of the pictures in pixels (default: 64)")
        private int size = 64;

        @Option(names = "--styles", split = ",", description = "twemoji, noto, fluent (default: all)")
        private List<String> styles = EmojiBuilder.styles();

        @Override
        public Integer call() {
            if (size < 8 || size > MOST_PIXELS) {
                throw new IllegalArgumentException("--size is from 8 to " + MOST_PIXELS + " but is " + size);
            }
            try (Progress progress = new Progress("drawing", 1)) {
                EmojiBuilder.Result result = EmojiBuilder.build(
                        EmojiBuilder.Request.of(out, size).withStyles(styles),
                        (task, done, total) -> progress.at(done, total, task));
                console.say(result.folder() + (result.upToDate() ? " is up to date: " : ": ") + result.counts());
            }
            return 0;
        }
    }

    /// `vortexel data fashion-mnist --out DIR [--from DIR]`.
    @Command(
            name = "fashion-mnist",
            description = "Fetch Fashion-MNIST with apt-get, and write it as an image folder.",
            mixinStandardHelpOptions = true)
    static final class Fashion implements Callable<Integer> {
        @Mixin
        private Console console = new Console();

        @Option(names = "--out", required = true, description = "folder of the data set")
        private Path out = Path.of("datasets");

        @Option(names = "--from", description = "folder of the four IDX files (default: fetch the Debian package)")
        private @Nullable Path from;

        @Override
        public Integer call() {
            try (Progress progress = new Progress("drawing", 1)) {
                Map<String, Integer> counts = FashionMnist.build(
                        out, Optional.ofNullable(from), (done, total) -> progress.at(done, total, ""));
                console.say(out + ": " + counts);
            }
            return 0;
        }
    }

    /// `vortexel data photographs --out DIR [--size 64]`.
    @Command(
            name = "photographs",
            description = "Fetch a few photographs with apt-get, and cut them into an image folder.",
            mixinStandardHelpOptions = true)
    static final class Photos implements Callable<Integer> {
        @Mixin
        private Console console = new Console();

        @Option(names = "--out", required = true, description = "folder of the data set")
        private Path out = Path.of("datasets");

        @Option(names = "--size", description = "side of the pictures in pixels (default: 64)")
        private int size = 64;

        @Override
        public Integer call() {
            try (Progress progress = new Progress("cutting", 1)) {
                Map<String, Integer> counts =
                        Photographs.build(out, size, (task, done, total) -> progress.at(done, total, task));
                console.say(out + ": " + counts);
            }
            return 0;
        }
    }

    /// `vortexel data scenes --from DIR --out DIR`.
    @Command(
            name = "scenes",
            description = "Compose scenes of two or three things of an emoji folder, with captions.",
            mixinStandardHelpOptions = true)
    static final class Composed implements Callable<Integer> {
        @Mixin
        private Console console = new Console();

        @Option(names = "--out", required = true, description = "folder of the data set")
        private Path out = Path.of("datasets");

        @Option(names = "--from", required = true, description = "folder of the emoji, at least as large")
        private Path from = Path.of("datasets");

        @Option(names = "--size", description = "side of the pictures in pixels (default: 64)")
        private int size = 64;

        @Option(names = "--things", description = "how many different things (default: 200)")
        private int things = 200;

        @Option(names = "--count", description = "how many scenes (default: 6000)")
        private int count = 6000;

        @Option(names = "--seed", description = "chooses things and scenes (default: 1)")
        private long seed = 1;

        @Option(names = "--mirrored", description = "every other scene has the things of the one before, turned round")
        private boolean mirrored;

        @Override
        public Integer call() {
            try (Progress progress = new Progress("composing", 1)) {
                Map<String, Integer> counts = Scenes.build(
                        out,
                        from,
                        size,
                        things,
                        count,
                        seed,
                        mirrored,
                        (task, done, total) -> progress.at(done, total, task));
                console.say(out + ": " + counts);
            }
            return 0;
        }
    }
}
