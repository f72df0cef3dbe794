#pragma once

namespace cairn::runtime {
class world_core;
}

/// The worlds of this process that have not ended, so that they are closed when the process ends before they do: one in
/// a static, or behind a pointer that nobody deletes.
///
/// At `exit` each is closed before anything goes that its threads use: it takes nothing new, finishes what is under way,
/// and ends its threads. What is not done within `exit_wait` is left as a kill would leave it: the process ends there
/// and then. It does so too when `exit` is called on a world's own thread, which cannot wait for itself. A world whose
/// turn comes later, with the statics, is closed already; its memory stays, so that threads that still use it are told
/// `shutting_down`.
///
/// A child of `fork` has none of its parent's: their threads are not there. At `exit` it ends without the destructors
/// that would wait for those.
namespace cairn::runtime::live_worlds {

/// Thread: any. From here on `world` is closed at the process's end.
void add(world_core& world);

/// A world has a type more: what the type's code has made until now outlives the worlds.
void hosted();

/// Closes `world` and deletes it, unless the process ends.
void end(world_core* world) noexcept;

} // namespace cairn::runtime::live_worlds
