// The launch plan: what the static launcher is told by root. Pure data and its file format.
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

/// How an image says that it is to be run: the configuration of an OCI image. Any list may be
/// empty.
struct ImageCommand {
  std::vector<std::string> entrypoint = {};  ///< begins every command line
  std::vector<std::string> words = {};       ///< follow where the task gives none
  bool operator==(const ImageCommand&) const = default;
};

struct LaunchPlan {
  std::string runtime;            ///< absolute path of the program to exec
  std::vector<std::string> args;  ///< argv[1…] up to and including the image; the task's follow
  std::vector<std::string> environment;  ///< NAME=VALUE, over the filtered environment of the task
  /// NEW=NAME: the task's NAME, if it has one, also as NEW, in inner_value()'s spelling
  std::vector<std::string> copied = {};
  std::vector<std::string> dropped = {};  ///< prefixes of names of the task's that are left out
  /// The prefix under which those of the task's variables that the runtime itself must not see, and
  /// the container may (env_filter.h), are passed on; empty: they are not.
  std::string inner_prefix = {};
  /// NAME=LAST: the directory that the task's NAME holds is bound as well, if it is one that Slurm
  /// made for this step (step_directory.h) and is called LAST. Only the task knows it.
  std::vector<std::string> shown = {};
  /// NAME=BASE/LAST: LAST in the directory that the task's NAME holds, or else in BASE, is bound as
  /// well, under the terms of step_directory_in().
  std::vector<std::string> shown_below = {};
  /// The working directory inside, absolute or "." for the runtime's choice, in which
  /// sifguard-start is to start the task's command. Without it the command is the runscript's
  /// arguments, or, with a first word "-", what follows that.
  std::optional<std::string> start = {};
  /// Absolute paths of the node that binds show, whose lack is the user's mistake (asked) or the
  /// site's (shown by a binding): told before the runtime meets it.
  std::vector<std::string> asked_sources = {}, site_sources = {};
  /// With `start`, in the place of a runscript: the task's words are the arguments of this.
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
  bool quiet = false;                   ///< the runtime's errors alone
  bool verbose = false;                 ///< its notices, besides warnings and errors
  bool run = false;                     ///< the runscript, instead of the command alone
  bool nv = false, rocm = false;        ///< GPUs
  std::vector<std::string> site_binds;  ///< SRC[:DST[:ro]], the bindings'
  std::vector<std::string> binds;       ///< likewise the user's, which are allowed
  std::string workdir;                  ///< inside the image, absolute; empty: the runtime's choice
  std::vector<std::string> variables;   ///< NAME=VALUE, or NAME for the job's own value
  /// False: the job's own …ENV_X variables are dropped, and none are made of its others.
  bool forward_environment = true;
  /// The runtime's prefix of variables that are meant for the container alone.
  std::string variable_prefix = "APPTAINERENV_";
  std::string batch_script;    ///< bound read-only at its own path when not empty
  std::string pmix_directory;  ///< what Slurm calls that of this step's PMIx server; may be empty
  /// Where Slurm makes that of the step's PMIx clients, absolute. Empty: it is not shown.
  std::string pmix_client_directory;
  /// Of an OCI image: what runs in the place of a runscript, the environment, NAME=VALUE, and the
  /// working directory that it wants, which may be empty.
  std::optional<ImageCommand> image_command = {};
  std::vector<std::string> image_environment = {};
  std::string image_workdir = {};
  std::string cwd;  ///< the job's; what a relative SRC means. Empty: such a bind is an error
  /// Directories besides /run/sifguard that no bind may show: the configured keystore and cache.
  std::vector<std::string> hidden;
};

/// Errors: Code::usage for a bind whose form, source or destination is not allowed (bind.h), and
/// for a malformed variable or working directory; Code::internal for a runtime or image path that
/// is not absolute.
[[nodiscard]] Result<LaunchPlan> make_plan(const PlanInput& input);

}  // namespace sifguard
