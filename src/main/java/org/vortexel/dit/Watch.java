package org.vortexel.dit;

/// What of a network's attention will be looked at. What is not looked at is not computed.
public enum Watch {
    /// Nothing.
    NOTHING,
    /// How places look at the text.
    TEXT,
    /// How places look at the text and, in the blocks that have text, at each other.
    TEXT_AND_PLACES;

    /// Whether the text is looked at.
    boolean text() {
        return this != NOTHING;
    }
}
