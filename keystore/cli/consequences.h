// What a command reports before it takes a right away, and its question before a final operation.
// Runs with the rights of the admin.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "keystore/cli/lost_signers.h"
#include "keystore/cli/session.h"

namespace sifguard {

/// The options that all these commands have.
struct ActOptions {
  bool dry_run = false;
  bool yes = false;  ///< only for final operations
  std::string config;
  std::vector<std::string> audit;

  void offer(CLI::App& command, bool is_final);
};

/// Reports whose recent launches of which images would be refused: on the standard output, or with
/// --json as notes and, in full, in the answer ("past_launches").
void tell_launches(const Session& session, const ActOptions& options,
                   const std::function<Effect(const PastLaunch&)>& effect);
/// The same for signers that no longer count. Errors: those of a keystore that cannot be read.
Status tell_launches(const Session& session, const ActOptions& options, const Keystore& keystore,
                     const LostSigners& lost);

/// Unless --yes was given, asks before an operation that cannot be reversed: the question names
/// `what` ("Revoking X") and says that it is final. Without a terminal it does not ask, because a
/// revocation must not wait for a person. Errors: Code::usage when the answer is no.
Status ask_before_final(const ActOptions& options, const std::string& what);

}  // namespace sifguard
