package org.vortexel.pipeline;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vortexel.image.Image;

/// The events of a request, in order. Work is done when the next event is asked for.
final class Events implements Iterator<Event> {
    private final Iterator<? extends Supplier<? extends Batch>> waiting;
    private final int steps;
    private final int previewEvery;
    private final BooleanSupplier cancelled;
    private final List<Event.Picture> pictures = new ArrayList<>();
    private @Nullable Batch batch;
    private int done;
    private int doneOfBatch;
    private @Nullable Event pending;
    private boolean over;

    /// Pictures that are drawn together.
    interface Batch extends AutoCloseable {
        /// Does one step.
        ///
        /// @return whether it was the last
        boolean step();

        /// The pictures as far as they are.
        List<Image> images();

        /// What they are made from, in the same order.
        List<Recipe> recipes();

        @Override
        default void close() {}
    }

    /// Events that are still to come.
    ///
    /// @param batches begin a batch each, when their turn comes
    /// @param steps of all batches together, as far as is known
    /// @param previewEvery steps of a batch between previews, 0 for none
    /// @param cancelled asked before every step
    Events(List<? extends Supplier<? extends Batch>> batches, int steps, int previewEvery, BooleanSupplier cancelled) {
        this.waiting = batches.iterator();
        this.steps = steps;
        this.previewEvery = previewEvery;
        this.cancelled = cancelled;
    }

    @Override
    public boolean hasNext() {
        return !over;
    }

    @Override
    public Event next() {
        if (over) {
            throw new NoSuchElementException("the request is finished");
        }
        Event later = pending;
        if (later != null) {
            pending = null;
            return later;
        }
        Batch present = batch;
        if (present == null && !waiting.hasNext()) {
            over = true;
            return new Event.Finished(List.copyOf(pictures));
        }
        if (cancelled.getAsBoolean()) {
            over = true;
            if (present != null) {
                present.close();
            }
            return new Event.Cancelled(done);
        }
        if (present == null) {
            present = waiting.next().get();
            batch = present;
            doneOfBatch = 0;
        }
        boolean last = present.step();
        done++;
        doneOfBatch++;
        if (last) {
            List<Image> images = present.images();
            for (int i = 0; i < images.size(); i++) {
                pictures.add(new Event.Picture(images.get(i), present.recipes().get(i)));
            }
            present.close();
            batch = null;
        } else if (previewEvery > 0 && doneOfBatch % previewEvery == 0) {
            pending = new Event.Preview(done, present.images());
        }
        return new Event.Progress(done, Math.max(done, steps));
    }

    /// Pictures at the size that was asked for.
    static List<Image> resized(List<Image> images, int size) {
        return images.stream()
                .map(image -> image.width() == size ? image : image.resized(size, size))
                .toList();
    }
}
