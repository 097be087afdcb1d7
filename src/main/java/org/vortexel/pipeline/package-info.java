/// From a prompt to a picture: the parts of the house put together behind one call. May depend on everything but `cli`.
///
/// Read [TextToImage] first.
///
/// ```
/// Request --> TextToImage: captions --> TextEncoder --> noise --> DiffusionLoop(Dit, Guidance) --> Image
///                 |
///                 +--> events: progress, preview, cancelled, finished
/// ```
///
/// *Decisions*
///
/// - Events are pulled, not pushed: the loop runs when the next one is asked for, so progress, preview and cancelling
///   need no threads and no callbacks.
/// - Picture `k` of a request is the picture of a single request with seed `seed + k`: batches are cut as memory likes.
@NullMarked
package org.vortexel.pipeline;

import org.jspecify.annotations.NullMarked;
