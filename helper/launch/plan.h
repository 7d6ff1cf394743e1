// The launch plan: what root tells the static launcher to do. Pure data and its file format.
//
// Root writes it to PLAN_PATH in the task's private mount namespace, 0444; `sifguard-launch` (the
// user's uid) obeys it and nothing else. Format: "sifguard-plan 2\n", then records of
// KIND SP LENGTH LF BYTES LF, KIND one of runtime, arg, setenv, copyenv, dropenv, showenv,
// showbelow, innerenv, start, command, entry, default, ask, show; at most 1 MiB in all. LENGTH
// counts BYTES alone, in decimal without leading zeros; BYTES carry no NUL. There is exactly one
// runtime, before everything else, at least one arg, and at most one innerenv, start and command; a
// command has no bytes, follows a start, and comes before entry and default.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

inline constexpr const char* kJobDirectory = "/run/sifguard/job";
inline constexpr const char* kPlanPath = "/run/sifguard/job/plan";
inline constexpr const char* kPemPath = "/run/sifguard/job/key.pem";
inline constexpr const char* kTurnsDirectory = "/run/sifguard/job/turns";  ///< see turns.h
inline constexpr std::size_t kMaxPlan = std::size_t{1} << 20;

/// How an OCI image says that it is to be run. Any list may be empty.
struct ImageCommand {
  std::vector<std::string> entrypoint = {};  ///< begins every command line
  std::vector<std::string> words = {};       ///< follow if the task gives no words
  bool operator==(const ImageCommand&) const = default;
};

struct LaunchPlan {
  std::string runtime;  ///< absolute path of the program to exec
  std::vector<std::string>
      args;  ///< argv[1…] up to and including the image; the task's arguments follow
  std::vector<std::string>
      environment;  ///< NAME=VALUE; they override the task's filtered environment
  /// NEW=NAME: the task's NAME, if it is set, is also set as NEW, in inner_value()'s spelling
  std::vector<std::string> copied = {};
  std::vector<std::string> dropped = {};  ///< prefixes of the task's variables that are left out
  /// The prefix under which the task's variables that the container may see but the runtime must
  /// not (env_filter.h) are passed on. Empty: they are not passed on.
  std::string inner_prefix = {};
  /// NAME=LAST: the directory that the task's variable NAME holds is bound as well, if Slurm made
  /// it for this step (step_directory.h) and its last component is LAST. Only the task knows it.
  std::vector<std::string> shown = {};
  /// NAME=BASE/LAST: LAST in the directory that the task's variable NAME holds, or else in BASE, is
  /// bound as well, under the conditions of step_directory_in().
  std::vector<std::string> shown_below = {};
  /// The working directory inside the container in which sifguard-start starts the task's command:
  /// absolute, or "." for the runtime's choice. Without it the task's words are the arguments of
  /// the runscript or, if the first word is "-", the words after it are the command.
  std::optional<std::string> start = {};
  /// Absolute paths on the node that binds show. If one is missing, that is the user's mistake
  /// (asked_sources) or the site's (site_sources, from a binding), and it is reported before the
  /// runtime starts.
  std::vector<std::string> asked_sources = {}, site_sources = {};
  /// With `start`, instead of a runscript: the task's words are its arguments.
  std::optional<ImageCommand> command = {};
};

[[nodiscard]] std::string format_plan(const LaunchPlan& plan);

/// The exact inverse. Errors: Code::config, naming the record: unknown kinds, wrong lengths, NUL
/// bytes, a runtime that is not absolute, a setenv without a name, anything over the cap.
[[nodiscard]] Result<LaunchPlan> parse_plan(std::string_view text);

/// What the plan is made of; everything in it has been decided and checked before.
struct PlanInput {
  std::string runtime;
  std::string image_path;  ///< inside the private namespace
  bool encrypted = false;  ///< adds --pem-path=kPemPath
  bool contain = false;
  bool quiet = false;                   ///< only the runtime's errors are shown
  bool verbose = false;                 ///< its notices are shown besides warnings and errors
  bool run = false;                     ///< the runscript, instead of the command alone
  bool nv = false, rocm = false;        ///< GPUs
  std::vector<std::string> site_binds;  ///< SRC[:DST[:ro]], from the bindings
  std::vector<std::string> binds;       ///< the same from the user; allowed
  std::string workdir;                  ///< inside the image, absolute; empty: the runtime's choice
  std::vector<std::string> variables;   ///< NAME=VALUE, or NAME for the job's own value
  /// False: the job's own …ENV_X variables are dropped, and none are made from its other variables.
  bool forward_environment = true;
  /// The runtime's prefix of variables that are meant for the container alone.
  std::string variable_prefix = "APPTAINERENV_";
  std::string batch_script;    ///< bound read-only at its own path when not empty
  std::string pmix_directory;  ///< the last component of the directory of this step's PMIx server;
                               ///< may be empty
  /// The absolute path where Slurm makes the directory of the step's PMIx clients. Empty: it is not
  /// shown.
  std::string pmix_client_directory;
  /// For an OCI image: what runs instead of a runscript, its environment (NAME=VALUE), and its
  /// working directory, which may be empty.
  std::optional<ImageCommand> image_command = {};
  std::vector<std::string> image_environment = {};
  std::string image_workdir = {};
  std::string
      cwd;  ///< of the job; a relative SRC is relative to it. Empty: such a bind is an error
  /// Directories besides /run/sifguard that no bind may show: the configured keystore and cache.
  std::vector<std::string> hidden;
};

/// Errors: Code::usage for a bind whose form, source or destination is not allowed (bind.h), and
/// for a malformed variable or working directory; Code::internal for a runtime or image path that
/// is not absolute.
[[nodiscard]] Result<LaunchPlan> make_plan(const PlanInput& input);

}  // namespace sifguard
