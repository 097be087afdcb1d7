/// Text for the models to read: from a caption to token states.
///
/// May depend on `checkpoint`, `nn`, `device` and what they depend on. Read [TextEncoder] and [Bert] first.
///
/// ```
/// TextEncoder: "red apple" --WordPiece--> ids [CLS] red apple [SEP] --Bert (MiniLM-L6-v2)--> states (N, L, 384)
///                                                                                        +--> pooled (N, 384)
/// ```
///
/// *Decisions*
///
/// - The tokenizer reproduces the published ids exactly, odd corners included (`[SEP]` typed by a user is the special
///   token; a word of more than 100 characters is unknown): the weights were trained on those ids.
/// - The weights are read out of the ONNX file by a reader of a dozen protobuf fields. Running that file would need a
///   native library; the encoder here is the project's own, and ONNX Runtime is its oracle in the tests.
/// - A text is padded to a length that follows from the text alone, so its states are the same bits in any company.
@NullMarked
package org.vortexel.text;

import org.jspecify.annotations.NullMarked;
