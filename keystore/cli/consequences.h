// What is told before something is taken away, and the question before what is final. Runs with the
// rights of the admin.
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
  bool yes = false;  ///< of those that are final
  std::string config;
  std::vector<std::string> audit;

  void offer(CLI::App& command, bool is_final);
};

/// Tells whose launches of late would be refused, of which images: on the standard output, or with
/// --json as notes, and whole in the answer ("past_launches").
void tell_launches(const Session& session, const ActOptions& options,
                   const std::function<Effect(const PastLaunch&)>& effect);
/// The same for signers that no longer count. Errors: of a keystore that cannot be read.
Status tell_launches(const Session& session, const ActOptions& options, const Keystore& keystore,
                     const LostSigners& lost);

/// Asks, unless --yes was given, before what cannot be taken back: `what` ("Revoking X") and that
/// it is final. Where nobody types there is nobody to ask, and to revoke must not wait for one.
/// Errors: Code::usage when the answer is no.
Status ask_before_final(const ActOptions& options, const std::string& what);

}  // namespace sifguard
