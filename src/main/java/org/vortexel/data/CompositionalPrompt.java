package org.vortexel.data;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A prompt that puts known parts together, with what a picture of it must show; see
/// [CompositionalPrompts].
///
/// @param kind what is put together
/// @param text the prompt
/// @param style how it is to be drawn
/// @param seen whether the training split has just this combination in this style
/// @param attributes what can be looked for in the picture, by value
/// @param foils prompts that differ in one part: a picture that fits one of them better is wrong
public record CompositionalPrompt(
        Kind kind, String text, String style, boolean seen, Map<Attribute, String> attributes, List<String> foils) {
    /// What is put together.
    public enum Kind {
        /// Two things and how they stand: `cat left of car`.
        OBJECTS,
        /// A colour and a thing: `green apple`.
        COLOUR,
        /// A skin tone, hair and a role: `man pilot: dark skin tone, red hair`.
        PERSON,
        /// A thing and a style.
        STYLE,
        /// A thing that comes in skin tones, without one: its pictures may differ.
        OPEN
    }

    public CompositionalPrompt {
        Map<Attribute, String> copy = new EnumMap<>(Attribute.class);
        copy.putAll(attributes);
        attributes = copy;
        foils = List.copyOf(foils);
    }

    /// The sentence that the text encoder reads.
    public String caption() {
        return CaptionFormat.caption(text, style);
    }
}
