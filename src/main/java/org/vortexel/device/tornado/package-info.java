/// TornadoVM: plays the same programs on GPUs. May depend on `device`, `program`, `op` and `tensor`; the only room
/// that sees TornadoVM.
///
/// Read [TornadoDevice], then [TornadoPlayer], then [Part].
///
/// ```
/// Program --lower--> Launch, Launch, ... --Part.cut--> task graphs --> one execution plan
///                      (a kernel, its arrays)            (arrays stay on the device from graph to graph)
/// ```
///
/// *Decisions*
///
/// - A task is the op's own kernel, the static method that the host calls: [Tasks] makes the function object in
///   which TornadoVM looks for it.
/// - TornadoVM limits a graph's tasks, the bytes of their arguments and its nodes, so a program is cut into several
///   graphs. All graphs of a program are in one execution plan, since only there can they share what is on the device.
/// - A graph finds on the device only what the graph played just before it knows of. So an array is handed from graph
///   to graph from its first use to its last, also through graphs that do not touch it.
/// - What programs change, a cache's features or learnt weights, is a copy in every player. [Latest] knows whose is the
///   newest; it goes to the next one through the host, and [Refresh] copies it into place there.
/// - [Twins] of costly kernels take the plain kernels' place: [Blocked] and [BlockedAttention] everywhere, [Tiled] on
///   GPUs. NVIDIA's libraries are left out until there is a GPU to try them on.
/// - A profile wants the time of every kernel, which TornadoVM gives for a graph: then every graph has one task.
/// - Nothing is done in place: a call that reads an array and writes it under another name hangs TornadoVM.
/// - TornadoVM would run a kernel that it cannot compile as sequential Java, silently; that is switched off.
/// - The API that this package compiles against is either TornadoVM's own (`-Ptornado`) or stand-ins of ours in
///   `src/tornado-api`, which are in no jar. Nothing here is loaded before TornadoVM is known to be there, [TornadoVm]
///   aside.
@NullMarked
package org.vortexel.device.tornado;

import org.jspecify.annotations.NullMarked;
