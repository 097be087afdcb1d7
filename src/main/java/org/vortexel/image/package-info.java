/// Pictures: bytes in memory, PNG files that carry their recipe, contact sheets.
///
/// Depends on `tensor`, on `checkpoint` for writing files whole, and on the Java platform (`java.awt` without a
/// screen, ImageIO). Read [Image] and [ImageFile] first.
///
/// ```
/// NdArray (N, 3, H, W) in [-1, 1] <--> Image (bytes) <--> ImageFile (PNG + recipe; JPEG … to read)
///                                        └──> ContactSheet
/// ```
///
/// *Decisions*
///
/// - A picture is three bytes a pixel: what a file holds. Floats are made at the door of a network, rounding half
///   up on the way back, so that bytes survive the round trip.
/// - The recipe goes into an uncompressed `iTXt` chunk (UTF-8): other programs show it, and reading it needs no
///   inflating of unknown size.
/// - Resizing is averaging over areas, for shrinking and enlarging: exact, without ringing, sharp squares in
///   previews.
/// - Transparency is laid on white when reading; the networks here draw opaque pictures.
@NullMarked
package org.vortexel.image;

import org.jspecify.annotations.NullMarked;
