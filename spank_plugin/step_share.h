// What the tasks of a step on one node share: one answer of the helper, and one mount namespace.
// Made by slurmstepd before it forks the tasks; used by the tasks while they are root.
//
// The first task that comes asks the helper, in a namespace of its own; the others wait, find the
// answer and join the namespace. A record lock on unnamed memory is what they wait for: the kernel
// releases it also when its holder is killed. The namespace travels as a descriptor in a socket
// that all of them inherit, and stays there for tasks that come after the first has ended.
#pragma once

#include <sys/types.h>

#include <span>

#include "helper/request/request_wire.h"

namespace sifguard {

/// A mount namespace and the root directory in it, to be recognized by.
struct View {
  struct Id {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Id&) const = default;
  };
  Id mounts, root;
  bool operator==(const View&) const = default;
};

/// Of this process; false when it cannot be found out.
[[nodiscard]] bool look_around(View& view) noexcept;

/// In slurmstepd, once a step. What goes wrong shows when a task takes its turn.
void make_share() noexcept;

enum class Turn {
  first,    ///< ask the helper, then call give_answer(); the others wait until then
  joined,   ///< `answer` is that of the first, for the same request; its namespace is joined
  refused,  ///< likewise a refusal
  failed,   ///< of this task alone; `answer` says why
};

/// `view` becomes the namespace's that was joined.
[[nodiscard]] Turn take_turn(std::span<const char> request, wire::Answer& answer,
                             View& view) noexcept;

/// Of the first: leaves request, answer and this task's namespace for the others. Turns the answer
/// into a refusal when that cannot be done.
void give_answer(std::span<const char> request, wire::Answer& answer, const View& view) noexcept;

}  // namespace sifguard
