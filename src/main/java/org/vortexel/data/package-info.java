/// Captioned pictures to train on: a folder of pictures with `metadata.jsonl`, and the builder of the emoji set.
///
/// Depends on `tensor`, `image`, Jackson (JSON) and jsvg (drawing). Read [ImageFolder] and [EmojiBuilder] first.
///
/// ```
/// npm packages ──> EmojiBuilder ──> folder: *.png, metadata.jsonl <── a user's own pictures
///                                     │
///                                ImageFolder ──(Selection)──> PackedImages ──┐
///                                     └──> Entry.caption() (CaptionFormat)   ├──> batches
///                                                            ShuffledEpochs ─┘
/// ```
///
/// *Decisions*
///
/// - The folder follows the Hugging Face ImageFolder convention (`file_name` and columns of any kind in
///   `metadata.jsonl`), so that other people's folders work as they are and ours work elsewhere. `text` is the
///   caption.
/// - The npm client fetches the drawings: it knows the user's mirrors and proxies. The archives are known by their
///   hash and read in memory, never unpacked onto the disk.
/// - Prompts that put known parts together ([CompositionalPrompts]) are made of a folder's own captions, in their
///   grammar, and say what to look for in a picture ([Attribute]).
/// - Splits are a pure function of emoji and style ([EmojiSplit]): the same at every size, in every build.
/// - Order is a pure function of seed and step ([ShuffledEpochs]): resuming a run needs the step number only.
/// - Pictures are kept in memory as bytes, a quarter of the floats.
@NullMarked
package org.vortexel.data;

import org.jspecify.annotations.NullMarked;
