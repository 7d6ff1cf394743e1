// What the tasks of a step on one node share: one answer of the helper, and one mount namespace.
// slurmstepd makes it before it forks the tasks; the tasks use it while they are root.
//
// The first task asks the helper, in a namespace of its own; the others wait, find the answer and
// join the namespace. They wait for a record lock on an unnamed memory file, which the kernel
// releases also when its holder is killed. The namespace is passed as a descriptor in a socket that
// all tasks inherit, and stays there for tasks that come after the first has ended.
#pragma once

#include <sys/types.h>

#include <span>

#include "helper/request/request_wire.h"

namespace sifguard {

/// A mount namespace and the root directory in it, by which a view is recognized.
struct View {
  struct Id {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Id&) const = default;
  };
  Id mounts, root;
  bool operator==(const View&) const = default;
};

/// Sets the view of this process; false when it cannot be determined.
[[nodiscard]] bool look_around(View& view) noexcept;

/// Call it in slurmstepd, once for each step. A failure is reported when a task takes its turn.
void make_share() noexcept;

enum class Turn {
  first,    ///< ask the helper, then call give_answer(); the others wait until then
  joined,   ///< `answer` is that of the first task, for the same request; its namespace has been
            ///< joined
  refused,  ///< `answer` is that of the first task, a refusal
  failed,   ///< only this task failed; `answer` says why
};

/// `view` is set to that of the joined namespace.
[[nodiscard]] Turn take_turn(std::span<const char> request, wire::Answer& answer,
                             View& view) noexcept;

/// For the first task: leaves request, answer and this task's namespace for the others. Turns the
/// answer into a refusal when that is impossible.
void give_answer(std::span<const char> request, wire::Answer& answer, const View& view) noexcept;

}  // namespace sifguard
